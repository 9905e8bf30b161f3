internal import Bytes
internal import Platform

/// Notices that a file has changed: by rename, by writing in place, or by a
/// symbolic link that now points elsewhere (as Kubernetes swaps whole folders).
///
/// The folders are watched, not the files: a file that is replaced takes its watch with it. Each
/// folder on the way in which a link stands is watched too. Control thread only.
struct FileWatch {
    /// Nil where the system gives none: all files are compared by the clock then.
    private let watcher: DirectoryWatcher?
    private var paths: [String] = []
    private var seen: [String: FileStatus] = [:]
    /// True exactly when something moved in a watched folder and the files were not compared yet.
    private(set) var isStirred = false

    /// Watches nothing yet.
    init(_ watcher: DirectoryWatcher?) { self.watcher = watcher }

    /// Becomes readable when something moves; -1, which `poll` passes over, where nothing tells.
    var rawDescriptor: CInt { watcher?.rawDescriptor ?? -1 }

    /// Watches these files from now on, in place of those before.
    ///
    /// - Parameter stamps: what they looked like before they were read: one that has changed since
    ///   stirs at once. What they look like now if nil.
    mutating func watch(_ files: [String], since stamps: [String: FileStatus]? = nil) {
        paths = files
        if let watcher {
            watcher.unwatchAll()
            for directory in FileWatch.directories(of: files) {
                // A folder that cannot be watched is compared by the clock.
                try? watcher.watch(directory)
            }
        }
        let present = FileWatch.stamps(of: paths)
        seen = stamps ?? present
        if seen != present { isStirred = true }
    }

    /// Takes note of what moved.
    mutating func drain() {
        if let watcher, !watcher.drain().isEmpty { isStirred = true }
    }

    /// True exactly when a file differs from what it was at the last call; also notes the present
    /// state.
    mutating func hasChanged() -> Bool {
        isStirred = false
        let present = FileWatch.stamps(of: paths)
        defer { seen = present }
        return present != seen
    }

    /// What these files look like now, as far as they are there.
    static func stamps(of files: [String]) -> [String: FileStatus] {
        var result: [String: FileStatus] = [:]
        for path in files {
            if let status = try? Files.status(path) { result[path] = status }
        }
        return result
    }

    /// The folders of the files, of what they point to, and of every link on the way.
    static func directories(of files: [String]) -> [String] {
        var found: Set<String> = []
        for file in files {
            found.insert(parent(of: file))
            if let real = Files.resolveLinks(file) { found.insert(parent(of: real)) }
            var prefix = parent(of: file)
            while prefix.count > 1 {
                let above = parent(of: prefix)
                if let real = Files.resolveLinks(prefix), let realAbove = Files.resolveLinks(above)
                {
                    let name = prefix.split(separator: "/").last.map(String.init) ?? ""
                    let plain = realAbove == "/" ? "/" + name : realAbove + "/" + name
                    if real != plain { found.insert(above) }
                }
                prefix = above
            }
        }
        return found.sorted()
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}

internal import Config
internal import Platform

/// The files of servers, each as it was when it was good last. Control thread only.
struct ServerFiles {
    private var lists: [String: [ServerConfig]] = [:]
    /// What each file looked like before it was read last.
    private var stamps: [String: FileStatus] = [:]
    /// Nil while there is no file to watch.
    private var watch: FileWatch?
    private let makeWatcher: () -> DirectoryWatcher?

    /// - Parameter makeWatcher: asked once there is a file to watch; nil where there is no watcher
    ///   to be had.
    init(makeWatcher: @escaping () -> DirectoryWatcher?) { self.makeWatcher = makeWatcher }

    /// Becomes readable when something moves beside a file; -1 where nothing tells of that.
    var rawDescriptor: CInt { watch?.rawDescriptor ?? -1 }

    /// The servers in a file; nil if it was never good.
    subscript(path: String) -> [ServerConfig]? { lists[path] }

    /// Watches these files from now on, and forgets all others.
    mutating func follow(_ paths: Set<String>) {
        lists = lists.filter { paths.contains($0.key) }
        stamps = stamps.filter { paths.contains($0.key) }
        guard !paths.isEmpty else {
            watch = nil
            return
        }
        if watch == nil { watch = FileWatch(makeWatcher()) }
        watch?.watch(paths.sorted())
    }

    /// Takes note of what moved.
    mutating func drain() { watch?.drain() }

    /// True exactly when a file is another than the one that was read last.
    func hasChanged(_ path: String) -> Bool { (try? Files.status(path)) != stamps[path] }

    /// Reads a file; where something is wrong, what was known of it stays.
    ///
    /// - Parameter needsHosts: whether each server needs a host that its certificate could be for.
    /// - Returns: what is wrong.
    mutating func read(_ path: String, needsHosts: Bool = false) -> [String] {
        stamps[path] = try? Files.status(path)
        do throws(SystemError) {
            let bytes = try Files.read(path, atMost: ServerList.maximumBytes)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                return ["\(path):1:1: error: the file is not UTF-8"]
            }
            let (servers, diagnostics) = ServerList.parse(
                text, file: path, needsHosts: needsHosts)
            if !servers.isEmpty { lists[path] = servers }
            return diagnostics.map { "\($0)" }
        } catch {
            return ["\(path):1:1: error: \(error)"]
        }
    }
}

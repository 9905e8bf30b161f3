import Foundation
import Platform
import Testing

@Suite("Directory watcher")
struct DirectoryWatcherTests {
    let folder: TemporaryFolder
    let watcher: DirectoryWatcher

    init() throws {
        folder = try TemporaryFolder()
        watcher = try DirectoryWatcher()
    }

    /// The names that are told next; none if nothing is within the deadline.
    private func told() -> Set<String> {
        guard Poll.wait([watcher.rawDescriptor], timeout: .seconds(5)) == [true] else { return [] }
        return Set(watcher.drain().map(\.name))
    }

    private var isQuiet: Bool { Poll.wait([watcher.rawDescriptor], timeout: .zero) == [false] }

    @Test("A new file is told with its folder, once drained no more")
    func created() throws {
        try watcher.watch(folder.path)
        #expect(isQuiet)
        #expect(watcher.drain().isEmpty)
        try folder.write("x", to: "a.pem")
        let all = watcher.drain()
        #expect(!all.isEmpty)
        #expect(all.allSatisfy { $0.directory == folder.path && $0.name == "a.pem" })
        #expect(isQuiet)
    }

    @Test("A file that is renamed into place is told by its new name")
    func renamed() throws {
        try folder.write("old", to: "a.pem")
        let fresh = try folder.write("new", to: "a.pem.new")
        try watcher.watch(folder.path)
        try Files.move(fresh, to: folder.path("a.pem"))
        #expect(told().contains("a.pem"))
    }

    /// An access log among the certificates woke the control thread with every request, and made it
    /// look at every certificate ten times a second.
    @Test("A file that is written in place is told once it is closed")
    func written() throws {
        let path = try folder.write("old", to: "a.pem")
        try watcher.watch(folder.path)
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.write(contentsOf: Data("new".utf8))
        #expect(isQuiet)
        try handle.close()
        #expect(told() == ["a.pem"])
    }

    // As Kubernetes replaces mounted secrets: the files are links into a folder behind the link
    // `..data`.
    @Test("A link that is swapped for another is told")
    func linkSwap() throws {
        let files = FileManager.default
        for version in ["v1", "v2"] {
            try Files.createDirectories(folder.path(version), mode: 0o700)
            try folder.write(version, to: "\(version)/a.pem")
        }
        try files.createSymbolicLink(atPath: folder.path("..data"), withDestinationPath: "v1")
        try files.createSymbolicLink(
            atPath: folder.path("a.pem"), withDestinationPath: "..data/a.pem")
        try watcher.watch(folder.path)
        try files.createSymbolicLink(atPath: folder.path("..tmp"), withDestinationPath: "v2")
        try Files.move(folder.path("..tmp"), to: folder.path("..data"))
        #expect(told().contains("..data"))
        #expect(try folder.read("a.pem") == "v2")
    }

    // Only what came was told, although a certificate that goes away is as much a change.
    @Test("A file that is removed, or moved out, is told")
    func removed() throws {
        let other = try TemporaryFolder()
        try folder.write("x", to: "a.pem")
        try folder.write("x", to: "b.pem")
        try watcher.watch(folder.path)
        Files.remove(folder.path("a.pem"))
        #expect(told() == ["a.pem"])
        try Files.move(folder.path("b.pem"), to: other.path("b.pem"))
        #expect(told() == ["b.pem"])
    }

    @Test("Changed permissions are told")
    func permissions() throws {
        let path = try folder.write("x", to: "a.pem")
        try watcher.watch(folder.path)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        #expect(told() == ["a.pem"])
    }

    @Test("Several folders are told apart")
    func several() throws {
        let other = try TemporaryFolder()
        try watcher.watch(folder.path)
        try watcher.watch(other.path)
        try other.write("x", to: "same")
        try folder.write("x", to: "same")
        #expect(Set(watcher.drain().map(\.directory)) == [folder.path, other.path])
    }

    // The kernel's farewell to each watch was told as a change without folder or name, which stands
    // for a full queue: every reload caused another.
    @Test("After watching has ended, nothing is told")
    func unwatch() throws {
        try watcher.watch(folder.path)
        try folder.write("x", to: "before")
        watcher.unwatchAll()
        try folder.write("x", to: "after")
        #expect(watcher.drain().isEmpty)
        #expect(isQuiet)
        try watcher.watch(folder.path)
        try folder.write("y", to: "again")
        #expect(told() == ["again"])
    }

    @Test("A folder that is removed is told with an empty name")
    func folderRemoved() throws {
        try Files.createDirectories(folder.path("inner"), mode: 0o700)
        try watcher.watch(folder.path("inner"))
        try FileManager.default.removeItem(atPath: folder.path("inner"))
        let all = watcher.drain()
        #expect(!all.isEmpty)
        #expect(all.allSatisfy { $0.directory == folder.path("inner") && $0.name.isEmpty })
    }

    @Test("A folder that is moved away is told with an empty name")
    func folderMoved() throws {
        try Files.createDirectories(folder.path("inner"), mode: 0o700)
        try watcher.watch(folder.path("inner"))
        try Files.move(folder.path("inner"), to: folder.path("moved"))
        let all = watcher.drain()
        #expect(!all.isEmpty)
        #expect(all.allSatisfy { $0.directory == folder.path("inner") && $0.name.isEmpty })
    }

    @Test("More changes than fit one read are all told")
    func many() throws {
        try watcher.watch(folder.path)
        let names = (0..<1000).map { "file-with-a-longer-name-\($0)" }
        for name in names { try folder.write("", to: name) }
        #expect(Set(watcher.drain().map(\.name)) == Set(names))
    }

    @Test("Only a folder that is there can be watched")
    func refused() throws {
        let file = try folder.write("x", to: "file")
        #expect(throws: SystemError.self) { try watcher.watch(file) }
        let error = #expect(throws: SystemError.self) { try watcher.watch(folder.path("missing")) }
        #expect(error?.isNotFound == true)
    }
}

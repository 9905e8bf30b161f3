import Foundation
import Platform
import Testing

@Suite("Files")
struct FilesTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(
        "A file is read whole up to the limit, and not at all beyond",
        arguments: [0, 1, 65_535, 65_536, 65_537])
    func limit(size: Int) throws {
        let path = folder.path("file")
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try Files.createExclusively(bytes, at: path, mode: 0o600)
        #expect(try Files.read(path, atMost: size) == bytes)
        #expect(try Files.read(path, atMost: size + 1) == bytes)
        guard size > 0 else { return }
        let error = #expect(throws: SystemError.self) { try Files.read(path, atMost: size - 1) }
        #expect(error?.description == "read \(path): File too large")
    }

    // The whole of an endless file was never reached; the limit must end the read.
    @Test("A file without end is refused at the limit")
    func endless() {
        #expect(throws: SystemError.self) {
            try Files.read("/dev/zero", atMost: 1000, mayWait: true)
        }
    }

    /// A reload waited for somebody to write into it, and no signal was heard any more.
    @Test("A pipe is refused where nobody may wait for its writer", .timeLimit(.minutes(1)))
    func pipe() throws {
        let path = folder.path("pipe")
        // SAFETY: owner: the string, for the call; bound: the C string ends in zero.
        try #require(unsafe mkfifo(path, 0o600) == 0)
        let error = #expect(throws: SystemError.self) { try Files.read(path, atMost: 1_000) }
        #expect(error?.description == "read \(path): it is no file")
        Foundation.Thread.detachNewThread {
            try? FileHandle(forWritingTo: URL(fileURLWithPath: path)).write(
                contentsOf: Data("text".utf8))
        }
        #expect(try Files.read(path, atMost: 1_000, mayWait: true) == Array("text".utf8))
    }

    @Test("An error names the path and the reason")
    func errors() throws {
        let missing = folder.path("missing")
        let error = #expect(throws: SystemError.self) { try Files.read(missing, atMost: 1) }
        #expect(error?.isNotFound == true)
        #expect(error?.description == "open \(missing): No such file or directory")
        #expect(throws: SystemError.self) { try Files.read(folder.path, atMost: 1) }
        #expect(throws: SystemError.self) { try Files.status(missing) }
        #expect(throws: SystemError.self) { try Files.move(missing, to: folder.path("x")) }
    }

    @Test("A file that is there is not made again")
    func exclusive() throws {
        let path = try folder.write("old", to: "file")
        let error = #expect(throws: SystemError.self) {
            try Files.createExclusively(Array("new".utf8), at: path, mode: 0o600)
        }
        #expect(error?.isAlreadyThere == true)
        #expect(try folder.read("file") == "old")
    }

    @Test(
        "An atomic write replaces the file, its permissions included, and leaves nothing beside it")
    func atomic() throws {
        let path = try folder.write("old", to: "file")
        let before = try Files.status(path)
        try Files.writeAtomically(Array("newer".utf8), to: path, mode: 0o640)
        let after = try Files.status(path)
        #expect(try folder.read("file") == "newer")
        #expect(before.mode == 0o600 && after.mode == 0o640)
        #expect(before.inode != after.inode)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["file"])
        try Files.writeAtomically([], to: folder.path("empty"), mode: 0o600)
        #expect(try folder.read("empty") == "")
    }

    @Test("An atomic write that fails leaves the target and no other file")
    func atomicFailure() throws {
        try Files.createDirectories(folder.path("target/inner"), mode: 0o700)
        #expect(throws: SystemError.self) {
            try Files.writeAtomically([1], to: folder.path("target"), mode: 0o600)
        }
        #expect(throws: SystemError.self) {
            try Files.writeAtomically([1], to: folder.path("no/such/file"), mode: 0o600)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["target"])
    }

    @Test("Permissions are those asked for", arguments: [0o600, 0o400, 0o640] as [UInt32])
    func modes(mode: UInt32) throws {
        try Files.createExclusively([1], at: folder.path("file"), mode: mode)
        #expect(try Files.status(folder.path("file")).mode == mode)
        try Files.createDirectories(folder.path("folder"), mode: mode | 0o100)
        #expect(try Files.status(folder.path("folder")).mode == mode | 0o100)
    }

    @Test(
        "Missing folders are made, those that are there are left, and a file in the way is an error"
    )
    func directories() throws {
        try Files.createDirectories(folder.path("a/b//c/"), mode: 0o700)
        try Files.createDirectories(folder.path("a/b/c"), mode: 0o755)
        #expect(try Files.status(folder.path("a/b/c")).isDirectory)
        #expect(try Files.status(folder.path("a/b/c")).mode == 0o700)
        try folder.write("x", to: "file")
        #expect(throws: SystemError.self) {
            try Files.createDirectories(folder.path("file"), mode: 0o700)
        }
        #expect(throws: SystemError.self) {
            try Files.createDirectories(folder.path("file/in"), mode: 0o700)
        }
    }

    @Test("Moving replaces, removing removes, and removing nothing is no error")
    func moveAndRemove() throws {
        let from = try folder.write("from", to: "from")
        let target = try folder.write("to", to: "to")
        try Files.move(from, to: target)
        #expect(!Files.exists(from) && Files.exists(target))
        #expect(try folder.read("to") == "from")
        Files.remove(target)
        Files.remove(target)
        #expect(!Files.exists(target))
    }

    @Test("Links are resolved to the file that they lead to")
    func links() throws {
        let path = try folder.write("x", to: "file")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("link"), withDestinationPath: "file")
        #expect(Files.resolveLinks(folder.path("link")) == Files.resolveLinks(path))
        #expect(Files.resolveLinks(folder.path("missing")) == nil)
        #expect(try Files.status(folder.path("link")) == Files.status(path))
    }
}

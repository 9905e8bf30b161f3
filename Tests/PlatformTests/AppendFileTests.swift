import Glibc
import Platform
import Testing

@Suite("Append file")
struct AppendFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func write(_ text: String, to file: AppendFile) -> IOOutcome {
        file.write(Array(text.utf8).span)
    }

    @Test("A file is made for owner and group, and what was in it stays")
    func appends() throws {
        let path = folder.path("log")
        do {
            let file = try AppendFile(path: path)
            #expect(write("one\n", to: file) == .bytes(4))
            #expect(try Files.status(path).mode == 0o640)
        }
        let again = try AppendFile(path: path)
        #expect(write("two\n", to: again) == .bytes(4))
        #expect(try folder.read("log") == "one\ntwo\n")
    }

    @Test("After the file was moved aside, a reopen writes to a new one")
    func reopen() throws {
        let path = folder.path("log")
        let file = try AppendFile(path: path)
        #expect(write("one\n", to: file) == .bytes(4))
        try Files.move(path, to: folder.path("log.1"))
        #expect(write("two\n", to: file) == .bytes(4))
        #expect(!Files.exists(path))
        try file.reopen()
        #expect(write("three\n", to: file) == .bytes(6))
        #expect(try folder.read("log.1") == "one\ntwo\n")
        #expect(try folder.read("log") == "three\n")
    }

    @Test("A reopen that fails keeps the old file")
    func failedReopen() throws {
        try Files.createDirectories(folder.path("logs"), mode: 0o700)
        let file = try AppendFile(path: folder.path("logs/log"))
        try Files.move(folder.path("logs"), to: folder.path("moved"))
        let error = #expect(throws: SystemError.self) { try file.reopen() }
        #expect(error?.isNotFound == true)
        #expect(write("kept\n", to: file) == .bytes(5))
        #expect(try folder.read("moved/log") == "kept\n")
    }

    @Test("Reopening closes the old file")
    func noLeak() throws {
        let path = folder.path("log")
        let file = try AppendFile(path: path)
        for _ in 0..<2000 { try file.reopen() }
        #expect(write("x", to: file) == .bytes(1))
    }

    @Test("A full disk is an outcome")
    func full() throws {
        let file = try AppendFile(path: "/dev/full")
        #expect(write("lost\n", to: file) == .failed(ENOSPC))
        #expect(write("", to: file) == .bytes(0))
    }

    @Test("A folder cannot be appended to")
    func directory() {
        #expect(throws: SystemError.self) { try AppendFile(path: folder.path) }
    }

    @Test("The standard streams have nothing to reopen")
    func standard() throws {
        try AppendFile.standardOutput().reopen()
        try AppendFile.standardError().reopen()
        #expect(write("", to: .standardError()) == .bytes(0))
    }
}

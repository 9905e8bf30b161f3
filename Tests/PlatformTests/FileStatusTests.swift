import Foundation
import Platform
import Testing

@Suite("File status")
struct FileStatusTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("A file has its size, its permissions and its times; a folder says that it is one")
    func facts() throws {
        let before = WallTime.now()
        let status = try Files.status(try folder.write("12345", to: "file"))
        #expect(status.size == 5 && status.mode == 0o600 && !status.isDirectory)
        // The kernel's clock for files lags by a tick at most.
        #expect(status.modified >= WallTime(seconds: before.seconds - 1))
        #expect(status.changed >= status.modified)
        #expect(try Files.status(folder.path).isDirectory)
    }

    @Test("A socket's file says that it is one, and a link to it does where it is followed")
    func sockets() throws {
        let path = folder.path("s")
        let socket = try Socket.listen(on: .unix(path), reusePort: false, backlog: 1)
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("link"), withDestinationPath: "s")
        #expect(try Files.status(path).isSocket)
        #expect(try Files.status(folder.path("link")).isSocket)
        #expect(!(try Files.status(folder.path("link"), followsLinks: false).isSocket))
        #expect(!(try Files.status(try folder.write("", to: "file")).isSocket))
        #expect(!(try Files.status(folder.path).isSocket))
        _ = consume socket
    }

    @Test("Two looks are equal exactly if nothing has changed between them")
    func equality() throws {
        let path = try folder.write("12345", to: "file")
        let first = try Files.status(path)
        #expect(try Files.status(path) == first)
        try Files.writeAtomically(Array("12345".utf8), to: path, mode: 0o600)
        #expect(try Files.status(path) != first)
        try folder.write("123456", to: "file")
        #expect(try Files.status(path) != first)
    }
}

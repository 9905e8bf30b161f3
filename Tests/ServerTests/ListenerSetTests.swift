import Foundation
import Platform
import Proxy
import TestSupport
import Testing

@testable import Server

struct ListenerSetTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func open(
        _ addresses: [SocketAddress], after set: ListenerSet = ListenerSet(), workers: Int = 2
    ) throws -> ListenerSet {
        try set.opening(addresses, workers: workers, backlog: 8)
    }

    @Test("Each worker gets a socket of its own, in the order of the addresses")
    func sockets() throws {
        let set = try open([Samples.anyPort, Samples.anyPort], workers: 3)
        #expect(set.groups.count == 2)
        #expect(set.groups.allSatisfy { $0.sockets.count == 3 })
        #expect(set.groups[0].bound != set.groups[1].bound)
        #expect(set.sockets(of: 2).map(\.address) == set.groups.map(\.bound))
    }

    @Test("What stays keeps its sockets, also where one address stands twice")
    func kept() throws {
        let before = try open([Samples.anyPort, Samples.anyPort])
        let after = try open([Samples.anyPort, Samples.anyPort, Samples.anyPort], after: before)
        for index in 0..<2 {
            #expect(after.groups[index].sockets[0] === before.groups[index].sockets[0])
        }
        #expect(Set(after.groups.map(\.bound)).count == 3)
    }

    @Test("A socket of this instance is no obstacle to one that overlaps it", arguments: [0, 1])
    func overlap(first: Int) throws {
        // While other tests have thousands of connections, most ports are theirs on some address.
        var found: (before: ListenerSet, after: ListenerSet, form: SocketAddress)?
        for _ in 0..<5_000 where found == nil {
            let port = try #require(try open([Samples.anyPort]).groups[0].bound.port)
            let forms: [SocketAddress] = [.ipv4(0, port: port), .ipv4(0x7f00_0001, port: port)]
            do {
                let before = try open([forms[first]])
                let after = try open([forms[1 - first]], after: before)
                found = (before, after, forms[1 - first])
            } catch let error as SystemError where error.isAddressInUse {
                continue
            }
        }
        let (before, after, form) = try #require(found)
        #expect(after.groups[0].bound == form)
        #expect(after.groups[0].sockets[0] !== before.groups[0].sockets[0])
    }

    @Test("An address that another process listens on is an error that names it")
    func taken() throws {
        let other = try Socket.listen(on: Samples.anyPort, reusePort: true, backlog: 1)
        let bound = other.localAddress()
        let address = try #require(bound)
        #expect {
            try open([Samples.anyPort, address])
        } throws: { error in
            (error as? SystemError)?.isAddressInUse == true && "\(error)".contains("\(address)")
        }
        _ = consume other
    }

    @Test("A socket file is shared by the workers, and goes when its listener goes")
    func socketFile() throws {
        let path = folder.path("a.sock")
        var set = try open([.unix(path)])
        #expect(set.groups[0].sockets[0] === set.groups[0].sockets[1])
        #expect(Files.exists(path))
        set = try open([.unix(path)], after: set)
        #expect(Files.exists(path))
        set = try open([Samples.anyPort], after: set)
        #expect(!Files.exists(path))
    }

    @Test("A socket file that another instance has put there since stays")
    func foreignSocketFile() throws {
        let path = folder.path("a.sock")
        var set = try open([.unix(path)])
        // A second name keeps the file system from giving the number of the file to the next one.
        try FileManager.default.linkItem(atPath: path, toPath: folder.path("kept"))
        Files.remove(path)
        let other = try Socket.listen(on: .unix(path), reusePort: false, backlog: 1)
        set = ListenerSet()
        #expect(set.groups.isEmpty)
        #expect(Files.exists(path))
        _ = consume other
    }

    @Test("A socket file of an instance that crashed is replaced")
    func leftover() throws {
        let path = folder.path("a.sock")
        _ = try Socket.listen(on: .unix(path), reusePort: false, backlog: 1)
        #expect(Files.exists(path))
        #expect(try open([.unix(path)]).groups.count == 1)
    }

    @Test("A file that is no socket is never removed")
    func regularFile() throws {
        let path = try folder.write("precious", to: "a.sock")
        #expect {
            try open([.unix(path)])
        } throws: {
            "\($0)".contains(path) && "\($0)".contains("no socket")
        }
        #expect(try folder.read("a.sock") == "precious")
    }

    /// What stands where a listener is to be.
    enum Obstacle: CaseIterable {
        case emptyFile
        case pipe
        case folder
        case linkToFile
        case linkToSocket
        case danglingLink
    }

    private func put(_ obstacle: Obstacle, at name: String) throws {
        let files = FileManager.default
        let path = folder.path(name)
        switch obstacle {
        case .emptyFile: try folder.write("", to: name)
        case .pipe: try NamedPipe.make(path)
        case .folder: try Files.createDirectories(path, mode: 0o700)
        case .linkToFile:
            try folder.write("", to: "target")
            try files.createSymbolicLink(atPath: path, withDestinationPath: "target")
        case .linkToSocket:
            _ = try Socket.listen(on: .unix(folder.path("target")), reusePort: false, backlog: 1)
            try files.createSymbolicLink(atPath: path, withDestinationPath: "target")
        case .danglingLink:
            try files.createSymbolicLink(atPath: path, withDestinationPath: "nowhere")
        }
    }

    /// An empty file, a pipe and a device were deleted for a mistyped address.
    @Test("Whatever is no socket stays, and the error says so", arguments: Obstacle.allCases)
    func obstacles(_ obstacle: Obstacle) throws {
        try put(obstacle, at: "a.sock")
        let before = try Files.status(folder.path("a.sock"), followsLinks: false)
        let address = SocketAddress.unix(folder.path("a.sock"))
        let attempts: [() throws -> Void] = [
            { _ = try self.open([address]) },
            { _ = try Socket.listen(on: address, reusePort: false, backlog: 1) },
            { _ = try ControlServer(address: address) { _ in .text(200, "") } },
        ]
        for attempt in attempts {
            #expect {
                try attempt()
            } throws: {
                "\($0)".contains("\(address)") && "\($0)".contains("no socket")
            }
        }
        #expect(try Files.status(folder.path("a.sock"), followsLinks: false) == before)
    }
}

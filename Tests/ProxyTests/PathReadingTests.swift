import Bytes
import Config
import Platform
import TestSupport
import Testing

@testable import Proxy

/// Ways past the rules of a route by a path that the backend reads in another way.
@Suite("PathReading", .serialized)
struct PathReadingTests {
    @Test(
        "A path is decoded once, and runs of slashes are one",
        arguments: [
            ("/admin/x", "/admin/x", true), ("/", "/", true), ("*", "*", true), ("", "", true),
            ("/%61dmin/x", "/admin/x", false), ("//admin/x", "/admin/x", false),
            ("/a///b//", "/a/b/", false), ("/admin%2Fx", "/admin/x", false),
            ("/admin%2f%2fx", "/admin/x", false), ("/admin%5Cx", "/admin/x", false),
            ("/admin\\x", "/admin/x", false), ("/%2561", "/%61", false), ("/a%", "/a%", false),
            ("/a%4", "/a%4", false), ("/a%zz", "/a%zz", false), ("/a%20b", "/a b", false),
        ])
    func readings(path: String, reading: String, isPlain: Bool) {
        let bytes = Array(path.utf8)
        let found = written { PathReading.append(bytes.span, to: &$0) }
        #expect(found == reading)
        #expect(PathReading.isPlain(bytes.span) == isPlain)
    }

    private static let targets: [(String, Int)] = [
        ("/admin/x", 403), ("/%61dmin/x", 400), ("//admin/x", 400), ("/admin%2Fx", 400),
        ("/admin%2fx", 400), ("/admin%5Cx", 400), ("/a%64min//x", 400), ("/admin//x", 403),
        ("/admin/%41", 403), ("/x", 200), ("/x/%61dmin/", 200), ("/x//admin/", 200),
        ("/%78?a=//admin/", 200), ("/%2561dmin/x", 200), ("/a%20b/x", 200),
    ]

    private static func closed() throws -> [(path: String, rules: RouteRules)] {
        let all = try #require(AddressBlock(address: .ipv4(0), prefixLength: 0))
        return [
            (path: "/admin/", rules: RouteRules(RuleConfig(deny: [all]))),
            (path: "/a%20b/", rules: RouteRules(RuleConfig())),
        ]
    }

    @Test("No spelling of a path passes the rules of its route, over HTTP/1.1")
    func http1() throws {
        let origin = try Origin { $0.echo() }
        let worker = try RunningWorker()
        let listener = try WorkerSetup.listen()
        let site = try WorkerSetup.Site(
            servers: [origin.address], apart: PathReadingTests.closed())
        try worker.install(WorkerSetup(sites: [site]), on: listener)
        for (target, status) in PathReadingTests.targets {
            let peer = try Peer(listener.address)
            try peer.send(head("GET \(target) HTTP/1.1", "Host: localhost"))
            #expect(try peer.reply().status == status, "\(target)")
        }
        try worker.stop()
    }

    @Test("No spelling of a path passes the rules of its route, over HTTP/2")
    func http2() throws {
        let origin = try Origin { $0.echo() }
        let client = try StreamClient(origin.address, apart: PathReadingTests.closed())
        let peer = try client.connect()
        for (index, (target, status)) in PathReadingTests.targets.enumerated() {
            let stream = UInt32(2 * index + 1)
            try peer.send(StreamClient.request(stream, "GET", target))
            #expect(try peer.stream(stream).status == status, "\(target)")
        }
        try client.worker.stop()
    }

    @Test("Where no route asks who the client is, paths pass as they are")
    func open() throws {
        let origin = try Origin { $0.echo() }
        let client = try StreamClient(
            origin.address, apart: [(path: "/admin/", rules: RouteRules(RuleConfig()))])
        let peer = try client.connect()
        try peer.send(StreamClient.request(1, "GET", "/%61dmin//x"))
        #expect(try peer.stream(1).status == 200)
        try client.worker.stop()
    }
}

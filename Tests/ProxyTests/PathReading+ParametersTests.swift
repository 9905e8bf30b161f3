import Bytes
import Config
import HTTP
import Platform
import TestSupport
import Testing

@testable import Proxy

/// Some backends leave out what stands behind a semicolon before they look at a path: a prefix that
/// it cuts in two would be past the rules of its route (RFC 3986 §3.3).
@Suite("PathReading+Parameters", .serialized)
struct PathReadingParametersTests {
    /// Rules that let nobody in.
    private func closed() throws -> RouteRules {
        let all = try #require(AddressBlock(address: .ipv4(0), prefixLength: 0))
        return RouteRules(RuleConfig(deny: [all]))
    }

    @Test(
        "A path leads elsewhere where it does without the parameters of its segments",
        arguments: [
            ("/admin;x/secret", true), ("/;/admin/secret", true), ("/;x=1;y=2/admin/", true),
            ("/admin%3Bx/secret", true), ("/admin%3bx/secret", true), ("/%3B/admin/secret", true),
            ("/%61dmin;x/secret", true), ("//admin;x/secret", true), ("/admin;/", true),
            ("/page;jsessionid=1", false), ("/page;a/b;c/d", false), ("/admin/page;x", false),
            ("/admin/;x/page", false), ("/x;/admin/secret", false), ("/admin;x", false),
        ])
    func parameters(path: String, isElsewhere: Bool) throws {
        let rules = try closed()
        let routes: [(path: String, route: RouteTable.Route)] = [
            (path: "/", route: RouteTable.Route(group: 0)),
            (path: "/admin/", route: RouteTable.Route(group: 1, rules: rules)),
        ]
        let table = RouteTable(routes)
        let found = try withRequest(head("GET \(path) HTTP/1.1", "Host: localhost")) { request in
            var scratch = ByteQueue()
            return table.leadsElsewhere(request, scratch: &scratch)
        }
        #expect(found == isElsewhere)
    }

    private static let targets: [(String, Int)] = [
        ("/admin;x/secret", 400), ("/;/admin/secret", 400), ("/admin%3Bx/secret", 400),
        ("/admin/secret", 403), ("/admin/secret;x", 403), ("/page;jsessionid=1", 200),
        ("/page?a=/;/admin/", 200),
    ]

    @Test("No parameter is a way past the rules of a route, over HTTP/1.1")
    func http1() throws {
        let origin = try Origin { $0.echo() }
        let worker = try RunningWorker()
        let listener = try WorkerSetup.listen()
        let rules = try closed()
        let site = WorkerSetup.Site(
            servers: [origin.address], apart: [(path: "/admin/", rules: rules)])
        try worker.install(WorkerSetup(sites: [site]), on: listener)
        for (target, status) in PathReadingParametersTests.targets {
            let peer = try Peer(listener.address)
            try peer.send(head("GET \(target) HTTP/1.1", "Host: localhost"))
            #expect(try peer.reply().status == status, "\(target)")
        }
        try worker.stop()
    }

    @Test("No parameter is a way past the rules of a route, over HTTP/2")
    func http2() throws {
        let origin = try Origin { $0.echo() }
        let rules = try closed()
        let client = try StreamClient(origin.address, apart: [(path: "/admin/", rules: rules)])
        let peer = try client.connect()
        for (index, (target, status)) in PathReadingParametersTests.targets.enumerated() {
            let stream = UInt32(2 * index + 1)
            try peer.send(StreamClient.request(stream, "GET", target))
            #expect(try peer.stream(stream).status == status, "\(target)")
        }
        try client.worker.stop()
    }
}

import Bytes
import Config
import HTTP
import Testing

@testable import Proxy

/// A route that bounds how often it is asked is one that others want to be past.
@Suite("RouteTable+Rates")
struct RouteTableRatesTests {
    /// What a table with a route for all and one for `/login` says of a path.
    private func leadsElsewhere(_ path: String, rate: RateLimit?) throws -> Bool {
        let routes: [(path: String, route: RouteTable.Route)] = [
            (path: "/", route: RouteTable.Route(group: 0)),
            (path: "/login", route: RouteTable.Route(group: 0, requestRate: rate)),
        ]
        let table = RouteTable(routes)
        #expect(table.isGuarded == (rate != nil))
        return try withRequest(head("GET \(path) HTTP/1.1", "Host: localhost")) { request in
            var scratch = ByteQueue()
            return table.leadsElsewhere(request, scratch: &scratch)
        }
    }

    @Test(
        "Where a route has a rate, a path leads elsewhere that is read as one of another route",
        arguments: [
            ("/%6Cogin", true), ("//login", true), ("/log%69n?x", true), ("///%6cogin/x", true),
            ("/login", false), ("/login/%78", false), ("/login//x", false), ("/other", false),
            ("/%78", false), ("//x", false),
        ])
    func withRate(path: String, isElsewhere: Bool) throws {
        let rate = try #require(RateLimit(RateConfig(perSecond: 1, burst: 1), name: "test"))
        #expect(try leadsElsewhere(path, rate: rate) == isElsewhere)
    }

    @Test("Where none has one, all paths pass as they are", arguments: ["/%6Cogin", "//login"])
    func withoutRate(path: String) throws {
        #expect(try !leadsElsewhere(path, rate: nil))
    }
}

import Testing

@testable import TLS

struct CredentialStoreTests {
    private static func store(
        _ hosts: [[String]], defaultSite: Int? = nil, rejects: Bool = false
    ) -> CredentialStore {
        let sites = hosts.enumerated().map {
            CredentialStore.Site(hosts: $0.element, credentials: [], index: $0.offset)
        }
        return CredentialStore(
            sites: sites, defaultSite: defaultSite, rejectsUnknownHosts: rejects)
    }

    @Test(
        "A host leads to its site",
        arguments: [
            ("a.test", .site(0)), ("A.TEST", .site(0)), ("a.test.", .site(0)),
            ("a.test..", .unknown), (".a.test", .unknown), ("b.a.test", .unknown),
            // The exact name goes before the wildcard.
            ("x.w.test", .site(1)), ("X.W.Test.", .site(1)), ("exact.w.test", .site(2)),
            // One label, not two, not none, not an empty one.
            ("x.y.w.test", .unknown), ("w.test", .unknown), (".w.test", .unknown),
            ("w.test.", .unknown), ("xw.test", .unknown), ("x.exact.w.test", .unknown),
            // A wildcard below a wildcard is a site of its own.
            ("x.deep.w.test", .site(3)), ("deep.w.test", .site(1)),
            ("", .unknown), (".", .unknown), ("..", .unknown), ("test", .unknown),
            ("a.test:443", .unknown), ("a.test\0", .unknown), ("192.0.2.1", .site(0)),
        ] as [(String, CredentialStore.Selection)])
    func select(_ host: String, _ selection: CredentialStore.Selection) {
        let store = CredentialStoreTests.store([
            ["a.test", "192.0.2.1"], ["*.w.test"], ["exact.w.test"], ["*.deep.w.test"],
        ])
        #expect(store.select(serverName: host.utf8.span) == selection)
    }

    /// Sites of several kinds, some of the same host.
    private static func mixed(defaultSite: Int? = nil) -> CredentialStore {
        let sites: [(hosts: [String], service: SiteService, alpn: [String])] = [
            (["raw.test"], .passthrough, []), (["a.test", "*.w.test"], .http, []),
            (["a.test"], .tcp, ["mqtt", "imap"]), (["a.test", "*.w.test"], .passthrough, ["acme"]),
            (["b.test"], .tcp, ["x"]), (["b.test"], .tcp, ["y"]), (["only.test"], .tcp, ["z"]),
        ]
        return CredentialStore(
            sites: sites.enumerated().map { index, site in
                CredentialStore.Site(
                    hosts: site.hosts, credentials: [], index: index, service: site.service,
                    alpn: site.alpn)
            }, defaultSite: defaultSite, rejectsUnknownHosts: false)
    }

    @Test(
        "Of several sites of a host the offered protocols choose",
        arguments: [
            ("a.test", "", 1), ("a.test", "mqtt", 2), ("a.test", "imap", 2), ("a.test", "acme", 3),
            ("a.test", "zzz mqtt h2", 2), ("a.test", "h2 mqtt", 1), ("a.test", "http/1.1", 1),
            ("a.test", "zzz", 1), ("a.test", "http/1", 1), ("A.TEST.", "mqtt", 2),
            ("x.w.test", "", 1), ("x.w.test", "acme", 3), ("x.w.test", "mqtt", 1),
            ("b.test", "", 4), ("b.test", "zzz", 4), ("b.test", "y", 5), ("b.test", "y x", 5),
            ("only.test", "zzz", 6), ("raw.test", "h2", 0), ("other.test", "mqtt", 0),
        ])
    func protocols(_ host: String, _ offered: String, _ site: Int) {
        let list = offered.split(separator: " ").flatMap { [UInt8($0.utf8.count)] + $0.utf8 }
        let store = CredentialStoreTests.mixed(defaultSite: 0)
        #expect(
            store.select(serverName: host.utf8.span, offering: list.span) == .site(site))
        // A list that is cut counts as far as it goes.
        let cut = list + [9, 1]
        #expect(store.select(serverName: host.utf8.span, offering: cut.span) == .site(site))
    }

    @Test(
        "Requests never lead to a site that is not HTTP",
        arguments: [
            ("a.test", .site(1)), ("x.w.test", .site(1)), ("raw.test", .unknown),
            ("b.test", .unknown), ("only.test", .unknown), ("other.test", .site(1)),
            ("", .site(1)),
        ] as [(String, CredentialStore.Selection)])
    func requests(_ host: String, _ selection: CredentialStore.Selection) {
        let store = CredentialStoreTests.mixed(defaultSite: 0)
        #expect(store.select(serverName: host.utf8.span) == selection)
        #expect(store.passesThrough)
    }

    @Test(
        "An unknown host goes to the default, unless unknown hosts are rejected",
        arguments: [
            (nil, false, .unknown), (nil, true, .rejected), (1, false, .site(1)),
            (1, true, .rejected),
        ] as [(Int?, Bool, CredentialStore.Selection)])
    func fallback(_ row: (Int?, Bool, CredentialStore.Selection)) {
        let store = CredentialStoreTests.store(
            [["a.test"], ["b.test"]], defaultSite: row.0, rejects: row.1)
        for host in ["c.test", "", "x.a.test"] {
            #expect(store.select(serverName: host.utf8.span) == row.2)
        }
        #expect(store.select(serverName: "a.test".utf8.span) == .site(0))
    }

    @Test("Of two sites with one host the first has it")
    func duplicates() {
        let store = CredentialStoreTests.store([
            ["a.test", "*.w.test"], ["a.test", "*.w.test", "b.test"],
        ])
        #expect(store.select(serverName: "a.test".utf8.span) == .site(0))
        #expect(store.select(serverName: "x.w.test".utf8.span) == .site(0))
        #expect(store.select(serverName: "b.test".utf8.span) == .site(1))
    }

    @Test("A store without sites knows nothing")
    func empty() {
        let store = CredentialStoreTests.store([])
        #expect(store.select(serverName: "a.test".utf8.span) == .unknown)
    }

    @Test("Ten thousand sites are told apart")
    func many() {
        let hosts = (0..<10_000).map { ["host\($0).test", "*.host\($0).test"] }
        let store = CredentialStoreTests.store(hosts, defaultSite: 5)
        for index in 0..<10_000 {
            let exact = "HOST\(index).test"
            let below = "www.host\(index).test"
            guard store.select(serverName: exact.utf8.span) == .site(index),
                store.select(serverName: below.utf8.span) == .site(index)
            else {
                Issue.record("host \(index)")
                return
            }
        }
        #expect(store.select(serverName: "host10000.test".utf8.span) == .site(5))
    }
}

import Config
import Foundation
import HTTP
import Platform
import Proxy
import TLS
import Telemetry
import TestSupport
import Testing

@testable import Server

struct BackendTLSLoaderTests {
    private let folder: TemporaryFolder
    private let authority: TestAuthority

    init() throws {
        folder = try TemporaryFolder()
        authority = try TestAuthority()
        try write(authority.pair.certificate, "ca.pem")
    }

    private func write(_ bytes: [UInt8], _ name: String) throws {
        try folder.write(String(decoding: bytes, as: UTF8.self), to: name)
    }

    private func file(_ name: String) -> FileReference {
        FileReference(path: folder.path(name), mark: SourceMark(line: 3, column: 5))
    }

    /// The contexts of backends with these settings, named `0`, `1` and so on.
    private func load(_ settings: [BackendTLSConfig?]) -> (
        contexts: [String: TLSClientContext], diagnostics: [String]
    ) {
        var config = ProxyConfig()
        config.backends = settings.enumerated().map { index, tls in
            BackendConfig(name: "\(index)", servers: [], tls: tls)
        }
        var diagnostics: [Diagnostic] = []
        var loader = BackendTLSLoader()
        var lists = RevocationListReader(file: "m.yaml", now: WallTime.now())
        let contexts = loader.load(config, file: "m.yaml", &lists, &diagnostics).contexts
        diagnostics += lists.diagnostics
        return (contexts, diagnostics.map { "\($0)" })
    }

    /// The context of one backend, by a loader that is used again, and what is said of it.
    private func context(
        _ settings: BackendTLSConfig, _ loader: inout BackendTLSLoader, _ files: ServedFiles,
        salvages: Bool = false
    ) -> (context: TLSClientContext?, diagnostics: [String]) {
        var config = ProxyConfig()
        config.backends = [BackendConfig(name: "b", servers: [], tls: settings)]
        var diagnostics: [Diagnostic] = []
        files.begin(salvages: salvages)
        var lists = RevocationListReader(file: "m.yaml", now: WallTime.now(), files: files)
        let found = loader.load(config, file: "m.yaml", &lists, &diagnostics).contexts["b"]
        return (found, (diagnostics + lists.diagnostics).map { "\($0)" })
    }

    @Test("Where a file of a backend does not load, all that it is served by goes on")
    func standsIn() throws {
        let files = ServedFiles()
        var loader = BackendTLSLoader(files: files)
        try TestAuthority.write(try TestAuthority().issue("me.test"), as: "me", in: folder)
        let pair = CertificatePair(chain: folder.path("me.pem"), key: folder.path("me.key"))
        let settings = BackendTLSConfig(ca: file("ca.pem"), certificate: pair)
        let served = context(settings, &loader, files).context
        #expect(served != nil)
        files.commit()
        let authority = try TestAuthority()
        let expired = try authority.issue("me.test", validity: .seconds(-60))
        try TestAuthority.write(expired, as: "me", in: folder)
        let refused = context(settings, &loader, files)
        #expect(refused.context == nil && refused.diagnostics.count == 1)
        #expect(refused.diagnostics[0].contains(" error: the certificate '"))
        let salvaged = context(settings, &loader, files, salvages: true)
        #expect(salvaged.context === served && salvaged.diagnostics.isEmpty)
        files.commit()
        try TestAuthority.write(try authority.issue("me.test"), as: "me", in: folder)
        let fresh = context(settings, &loader, files)
        #expect(fresh.context != nil && fresh.context !== served && fresh.diagnostics.isEmpty)
    }

    @Test("Each backend with TLS has a context, and equal ones are one identity")
    func contexts() {
        let same = BackendTLSConfig(ca: file("ca.pem"))
        let named = BackendTLSConfig(serverName: "x", ca: file("ca.pem"))
        let newer = BackendTLSConfig(ca: file("ca.pem"), versions: [.tls13])
        let (contexts, diagnostics) = load([same, nil, named, newer])
        #expect(diagnostics.isEmpty, "\(diagnostics)")
        #expect(contexts.keys.sorted() == ["0", "2", "3"])
        #expect(contexts["0"]?.identity == contexts["2"]?.identity)
        #expect(contexts["0"]?.identity != contexts["3"]?.identity)
    }

    @Test("Files that cannot be used are errors that name the backend")
    func errors() throws {
        try write([], "empty.pem")
        let pair = try authority.issue("client.test")
        try TestAuthority.write(pair, as: "client", in: folder)
        let wrong = CertificatePair(
            chain: folder.path("client.pem"), key: folder.path("missing.key"))
        let (contexts, diagnostics) = load([
            BackendTLSConfig(ca: file("missing.pem")), BackendTLSConfig(ca: file("empty.pem")),
            BackendTLSConfig(ca: file("ca.pem"), certificate: wrong),
        ])
        #expect(contexts.isEmpty && diagnostics.count == 3)
        #expect(diagnostics[0].hasPrefix("m.yaml:3:5: error: TLS with backend '0': "))
        #expect(diagnostics[1].contains("there is no certificate"))
        #expect(diagnostics[2].contains("cannot read the key"))
    }

    @Test("Revocation lists are part of the identity, and one that cannot be read is an error")
    func revocation() throws {
        let clients = try ClientAuthority()
        try write(clients.revocationList(), "a.crl")
        try write(clients.revocationList(end: "20400101000000Z"), "b.crl")
        let settings = [[], ["a.crl"], ["b.crl"], ["a.crl", "b.crl"], ["a.crl"], ["ca.pem"]].map {
            BackendTLSConfig(ca: file("ca.pem"), crl: $0.map { file($0) })
        }
        let (contexts, diagnostics) = load(settings)
        #expect(contexts.count == 5)
        #expect(Set(contexts.values.map(\.identity)).count == 4)
        #expect(contexts["1"]?.identity == contexts["4"]?.identity)
        #expect(diagnostics.count == 1)
        #expect(diagnostics.allSatisfy { $0.hasPrefix("m.yaml:3:5: error: ") })
    }

    @Test("What is shown to servers is told, for its end to be watched")
    func credentials() throws {
        let pair = try authority.issue("client.test")
        try TestAuthority.write(pair, as: "client", in: folder)
        let own = CertificatePair(
            chain: folder.path("client.pem"), key: folder.path("client.key"))
        var config = ProxyConfig()
        config.backends = [own, nil, own].enumerated().map { index, pair in
            BackendConfig(
                name: "\(index)", servers: [],
                tls: BackendTLSConfig(ca: file("ca.pem"), certificate: pair))
        }
        var diagnostics: [Diagnostic] = []
        var loader = BackendTLSLoader()
        var lists = RevocationListReader(file: "m.yaml", now: WallTime.now())
        let loaded = loader.load(config, file: "m.yaml", &lists, &diagnostics)
        #expect(loaded.credentials.keys.sorted() == ["0", "2"])
        let outcome = SnapshotBuilder.Outcome(
            snapshot: nil, diagnostics: [], backendCredentials: loaded.credentials)
        let shown = Supervisor.certificates(config, outcome)
        #expect(shown.map(\.owner) == [.backend("0"), .backend("2")])
        #expect(shown.allSatisfy { $0.path == own.chain })
        #expect(shown[0].credential === loaded.credentials["0"])
    }

    @Test("A server's certificate is for its host, unless another name is given")
    func names() throws {
        let tls = BackendTLSConfig(ca: file("ca.pem"))
        let context = try #require(load([tls]).contexts["0"])
        let address = SocketAddress.ipv4(0x7f00_0001, port: 1)
        let name = FoundServer(name: "", address: address, host: "api.test:1")
        let ip = FoundServer(name: "", address: address)
        let written = FoundServer(name: "", address: address, host: "127.0.0.2:1")
        let long = FoundServer(name: "", address: .ipv6(0, 1, port: 1))
        let file = FoundServer(name: "", address: .unix("/s"))
        let table: [(FoundServer, String?, Bool, String?)] = [
            (name, nil, true, "api.test"), (ip, nil, true, "127.0.0.1"), (long, nil, true, "::1"),
            (written, nil, true, "127.0.0.2"), (written, nil, false, nil),
            (name, "x.test", true, "x.test"), (ip, nil, false, nil), (file, nil, true, nil),
            (name, nil, false, "api.test"), (file, "x.test", true, "x.test"),
        ]
        for (server, given, verifies, expected) in table {
            let backend = BackendConfig(
                name: "a", servers: [],
                tls: BackendTLSConfig(serverName: given, verifies: verifies))
            let spoken = backend.serverTLS(server, context)
            #expect(spoken?.serverName == expected)
            // Nobody is believed without a name.
            #expect((spoken == nil) == (verifies && expected == nil))
        }
        let plain = BackendConfig(name: "a", servers: [])
        #expect(plain.serverTLS(ip, nil) == nil)
    }

    @Test(
        "The header has its version",
        arguments: [
            (.off, nil), (.v1, .v1), (.v2, .v2), (.v2Certificate, .v2Certificate),
        ] as [(ProxyHeaderConfig, ProxyVersion?)])
    func header(_ config: ProxyHeaderConfig, _ version: ProxyVersion?) {
        #expect(BackendConfig(name: "a", servers: [], proxyHeader: config).proxyVersion == version)
    }

    @Test("Only to servers that get requests HTTP is offered")
    func protocols() throws {
        let tls = BackendTLSConfig(ca: file("ca.pem"))
        var config = ProxyConfig()
        config.backends = (0..<4).map { BackendConfig(name: "\($0)", servers: [], tls: tls) }
        var raw = SiteConfig(hosts: ["a"], routes: [RouteConfig(path: "/", backend: 1)])
        raw.service = .tcp
        var listener = ListenerConfig(addresses: [.ip(host: "127.0.0.1", port: 1)], tls: false)
        listener.backend = 2
        var both = listener
        both.backend = 3
        config.listeners = [listener, both]
        config.sites = [
            SiteConfig(
                hosts: ["b"],
                routes: [
                    RouteConfig(path: "/", backend: 0), RouteConfig(path: "/x", backend: 3),
                ]), raw,
        ]
        var diagnostics: [Diagnostic] = []
        var loader = BackendTLSLoader()
        var lists = RevocationListReader(file: "m.yaml", now: WallTime.now())
        let identities = loader.load(config, file: "m.yaml", &lists, &diagnostics).contexts
            .mapValues(\.identity)
        #expect(identities.count == 4 && identities["0"] == identities["3"])
        #expect(identities["1"] == identities["2"] && identities["0"] != identities["1"])
    }
}

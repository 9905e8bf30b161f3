import Config
import Foundation
import Platform
import TLS
import Telemetry
import TestSupport
import Testing

@testable import Server

struct SnapshotBuilderClientCertificatesTests {
    private let folder: TemporaryFolder
    private let authority: ClientAuthority

    init() throws {
        folder = try TemporaryFolder()
        authority = try ClientAuthority()
        try write(authority.certificate, "ca.pem")
    }

    private func write(_ bytes: [UInt8], _ name: String) throws {
        try folder.write(String(decoding: bytes, as: UTF8.self), to: name)
    }

    /// The policies of sites with these settings, and what is said of them.
    private func load(
        _ sites: [ClientCertificateConfig?], now: WallTime = WallTime.now(),
        _ builder: SnapshotBuilder = SnapshotBuilder(
            file: "m.yaml", registry: MetricsRegistry())
    ) -> (policies: [ClientVerification?], diagnostics: [String]) {
        var config = ProxyConfig()
        config.sites = sites.enumerated().map { index, clients in
            SiteConfig(
                hosts: ["\(index).test"], certificates: [], routes: [],
                tls: SiteTLSConfig(clientCertificates: clients))
        }
        var diagnostics: [Diagnostic] = []
        var lists = RevocationListReader(file: "m.yaml", now: now, files: builder.files)
        let policies = builder.loadClientPolicies(config, now: now, &lists, &diagnostics)
        return (policies, (diagnostics + lists.diagnostics).map { "\($0)" })
    }

    private func file(_ name: String, line: Int = 3) -> FileReference {
        FileReference(path: folder.path(name), mark: SourceMark(line: line, column: 5))
    }

    @Test("Sites that say the same share a policy, wherever they say it")
    func sharing() throws {
        let same = ClientCertificateConfig(ca: file("ca.pem"))
        let moved = ClientCertificateConfig(ca: file("ca.pem", line: 9))
        let other = ClientCertificateConfig(mode: .optional, ca: file("ca.pem"))
        let (policies, diagnostics) = load([same, nil, moved, other])
        #expect(diagnostics.isEmpty, "\(diagnostics)")
        #expect(policies[0] != nil && policies[1] == nil)
        #expect(policies[0] === policies[2] && policies[0] !== policies[3])
        #expect(policies.map { $0?.mode } == [.required, nil, .required, .optional])
    }

    /// A list of one authority says nothing of another's clients, who would all be refused.
    @Test("What stands in for a file that does not load brings along what belongs to it")
    func standIn() throws {
        let builder = SnapshotBuilder(file: "m.yaml", registry: MetricsRegistry())
        try write(authority.revocationList(), "a.crl")
        let sites = [
            ClientCertificateConfig(ca: file("ca.pem"), crl: [file("a.crl")]),
            ClientCertificateConfig(ca: file("ca.pem")),
        ]
        builder.files.begin(salvages: false)
        let (served, _) = load(sites, builder)
        builder.files.commit()
        try write(try ClientAuthority("Others").certificate, "ca.pem")
        try write([], "a.crl")
        // A build that comes to nothing is in between.
        builder.files.begin(salvages: false)
        let refused = load(sites, builder)
        #expect(refused.policies[0] == nil && refused.diagnostics.count == 1)
        builder.files.begin(salvages: true)
        let (taken, diagnostics) = load(sites, builder)
        #expect(diagnostics.isEmpty, "\(diagnostics)")
        #expect(taken[0] != nil && taken[0] === served[0])
        #expect(taken[1] != nil && taken[1] !== served[1])
        builder.files.begin(salvages: true)
        let fresh = load([ClientCertificateConfig(ca: file("ca.pem"), crl: [file("b")])], builder)
        #expect(fresh.policies[0] == nil && fresh.diagnostics.count == 1)
    }

    @Test("Files that cannot be used are errors, each said once")
    func errors() throws {
        try write([], "empty.pem")
        let (policies, diagnostics) = load([
            ClientCertificateConfig(ca: file("none.pem")),
            ClientCertificateConfig(mode: .optional, ca: file("none.pem")),
            ClientCertificateConfig(ca: file("empty.pem")),
            ClientCertificateConfig(ca: file("ca.pem"), crl: [file("ca.pem"), file("none.crl")]),
        ])
        #expect(policies.allSatisfy { $0 == nil })
        #expect(diagnostics.count == 4, "\(diagnostics)")
        #expect(diagnostics.allSatisfy { $0.hasPrefix("m.yaml:3:5: error: ") })
        for text in [
            "cannot read the authorities of clients: ", "there is no certificate; expected PEM",
            "cannot read the revocation lists: there is none", "none.crl",
        ] { #expect(diagnostics.contains { $0.contains(text) }, "\(text)") }
    }

    @Test("What has expired is warned of, and still in force")
    func expiry() throws {
        try write(authority.revocationList(end: "20210101000000Z"), "old.crl")
        let config = ClientCertificateConfig(ca: file("ca.pem"), crl: [file("old.crl")])
        let moment: Int64 = 1_609_459_200
        for (now, warnings) in [(moment, 1), (moment - 1, 0), (1_577_836_799, 1)] {
            let (policies, diagnostics) = load([config], now: WallTime(seconds: now))
            #expect(policies[0] != nil)
            #expect(diagnostics.count == warnings, "\(diagnostics)")
            #expect(diagnostics.allSatisfy { $0.contains("warning: a revocation list in") })
        }
        let later = WallTime(seconds: WallTime.now().seconds + 40 * 86_400)
        let (_, diagnostics) = load([ClientCertificateConfig(ca: file("ca.pem"))], now: later)
        #expect(diagnostics.count == 1 && diagnostics[0].contains("'CN=Clients'"), "\(diagnostics)")
    }

    @Test("The first list to be renewed of each is told, whichever of its files it stands in")
    func revocationEnds() throws {
        let other = try ClientAuthority("Others")
        try write(authority.revocationList(end: "20210101000000Z"), "old.crl")
        try write(authority.revocationList(end: "20220101000000Z"), "new.crl")
        try write(other.revocationList(end: "20200601000000Z"), "other.crl")
        var config = ProxyConfig()
        let names = [["new.crl", "old.crl"], ["new.crl"], [], ["other.crl", "new.crl"], nil]
        config.sites = names.enumerated().map { index, names in
            let clients = names.map {
                ClientCertificateConfig(ca: file("ca.pem"), crl: $0.map { file($0) })
            }
            return SiteConfig(
                hosts: ["\(index).test"], certificates: [], routes: [],
                tls: SiteTLSConfig(clientCertificates: clients))
        }
        config.backends = [
            BackendConfig(
                name: "0.test", servers: [],
                tls: BackendTLSConfig(crl: [file("new.crl"), file("other.crl")])),
            BackendConfig(name: "b", servers: [], tls: BackendTLSConfig()),
        ]
        var lists = RevocationListReader(file: "m.yaml", now: WallTime(seconds: 0))
        for name in ["new.crl", "old.crl", "other.crl"] {
            let found = lists.lists(of: file(name), for: .clients)
            lists.take([found].compactMap(\.self), of: [file(name)])
        }
        let outcome = SnapshotBuilder.Outcome(
            snapshot: nil, diagnostics: [], revocationLists: lists.lists)
        let ends = Supervisor.revocationEnds(config, outcome)
        #expect(
            ends == [
                .site("0.test"): 1_609_459_200, .site("1.test"): 1_640_995_200,
                .site("3.test"): 1_590_969_600, .backend("0.test"): 1_590_969_600,
            ])
    }
}

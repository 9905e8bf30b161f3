import Foundation
import Platform
import TLS
import TestSupport
import Testing

/// OCSP staples: from the responder, or a file, to the client.
@Suite struct StaplingTests {
    let gate: ResponderGate
    let authority: OCSPAuthority
    let origin: Origin
    let state: TemporaryFolder

    init() throws {
        gate = try ResponderGate()
        authority = try OCSPAuthority()
        origin = try Origin { $0.echo() }
        state = try TemporaryFolder()
    }

    /// A state directory of the test's own, and no proxy on the way to its responders.
    var environment: [String: String] {
        ["STATE_DIRECTORY": state.path, "no_proxy": "127.0.0.1"]
    }

    /// The certificate that an instance is to serve.
    func pair(mustStaple: Bool = false, hasURL: Bool = true) throws -> PEMPair {
        try authority.issue("localhost", url: hasURL ? gate.url : nil, mustStaple: mustStaple)
    }

    func sites(_ keys: String) -> String {
        """
          - hosts: ["localhost"]
            certificates: [{ chain: "cert.pem", key: "cert.key"\(keys) }]
            backend: "http://\(origin.address)"
        """
    }

    func credential(_ pair: PEMPair) throws -> Credential {
        try Credential(chainPEM: pair.certificate, keyPEM: pair.key)
    }

    func start(
        _ pair: PEMPair, keys: String = "", more: String = "",
        prepare: (TemporaryFolder) throws -> Void = { _ in }
    ) throws -> MartletInstance {
        try MartletInstance(
            sites: sites(keys), more: more, environment: environment
        ) { folder, _ in
            try TestAuthority.write(pair, as: "cert", in: folder)
            try prepare(folder)
        }
    }

    /// Runs an instance that does not start, and returns its exit code and what it says.
    private func fail(
        _ pair: PEMPair, keys: String = "", more: String = "", command: String = "run",
        prepare: (TemporaryFolder) throws -> Void = { _ in }
    ) throws -> (code: Int32, errors: String) {
        let folder = try TemporaryFolder()
        try TestAuthority.write(pair, as: "cert", in: folder)
        try prepare(folder)
        try folder.write(
            MartletInstance.text(sites: sites(keys), more: more), to: "martlet.yaml")
        let run = try RunningProcess.run(
            MartletInstance.binary, [command, "--config", folder.path("martlet.yaml")],
            environment: environment, atMost: 120)
        return (run.code, run.errors)
    }

    /// What `openssl s_client -status` says of the staple; nil where none was sent.
    func staple(_ martlet: MartletInstance, _ arguments: String...) throws -> String? {
        let run = try RunningProcess.run(
            "openssl",
            ["s_client", "-connect", "\(martlet.address)", "-servername", "localhost", "-status"]
                + arguments)
        guard run.code == 0 else { throw TestFailure("s_client: \(run)") }
        if run.output.contains("OCSP response: no response sent") { return nil }
        let line = run.output.split(separator: "\n").first { $0.contains("Cert Status:") }
        return line?.split(separator: " ").last.map(String.init) ?? "none: \(run.output)"
    }

    /// What `/status` and `martlet certs` tell of the staple, which is the same.
    private func told(_ martlet: MartletInstance) throws -> [String: String] {
        let told = try Self.staple(in: try martlet.ask("/status").body)
        let certs = try RunningProcess.run(
            MartletInstance.binary, ["certs", "--admin", "\(martlet.admin)"])
        #expect(told == (try Self.staple(in: certs.output)))
        return told
    }

    private static func staple(in json: String) throws -> [String: String] {
        let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
        let sites = try #require(object?["sites"] as? [[String: Any]])
        let certificates = try #require(sites.first?["certificates"] as? [[String: Any]])
        let staple = try #require(certificates.first?["staple"] as? [String: Any])
        return staple.compactMapValues { $0 as? String }
    }

    private static let expiry =
        "martlet_tls_ocsp_staple_expiry_timestamp_seconds{site=\"localhost\"}"

    private static func refreshes(_ result: String) -> String {
        "martlet_tls_ocsp_refreshes_total{site=\"localhost\",result=\"\(result)\"}"
    }

    @Test("A good response of the responder is stapled, told, and outlives the process")
    func good() throws {
        let pair = try pair()
        let responder = try OCSPResponder(authority, about: try credential(pair))
        gate.set(.relay(responder.port))
        var martlet = try start(pair)
        try martlet.process.errors.wait(for: "tls.ocsp.refreshed")
        for version in ["-tls1_2", "-tls1_3"] {
            #expect(try staple(martlet, version) == "good", "\(version)")
        }
        let now = Double(WallTime.now().seconds)
        try martlet.wait(metric: StaplingTests.expiry) { $0 > now && $0 <= now + 3_600 }
        #expect(try martlet.metric(StaplingTests.refreshes("success")) == 1)
        let facts = try told(martlet)
        #expect(facts["state"] == "good" && facts["source"] == "fetched", "\(facts)")
        let (begin, end) = (try #require(facts["this_update"]), try #require(facts["next_update"]))
        #expect(begin < end && facts["last_error"] == nil, "\(facts)")
        #expect(try martlet.ask("/").body.contains("good</b> until \(end)"))
        let files = FileManager.default
        let names = try files.contentsOfDirectory(atPath: state.path("ocsp"))
        #expect(names.count == 1)
        let mode = try files.attributesOfItem(atPath: state.path("ocsp/\(names[0])"))
        #expect(mode[.posixPermissions] as? Int == 0o600)
        #expect(try martlet.stop() == 0)

        try responder.stop()
        gate.set(.silence)
        let count = gate.count
        martlet = try start(pair)
        #expect(try staple(martlet) == "good")
        try martlet.wait(metric: StaplingTests.expiry) { $0 > now }
        #expect(try told(martlet) == facts)
        #expect(gate.count == count)
        #expect(!martlet.process.errors.text.contains("tls.ocsp.failed"))
    }

    @Test("Of two certificates each has a staple of its own")
    func twoKinds() throws {
        let first = try pair()
        let key = try CertificateMaker.makeLeaf(
            names: ["localhost"], authority: authority.authority.pair, validity: .seconds(3_600),
            algorithm: .rsa)
        let second = PEMPair(
            certificate: key.certificate + authority.authority.pair.certificate, key: key.key)
        gate.set(.answer(try authority.answer(try credential(first))))
        let martlet = try MartletInstance(
            sites: """
                  - hosts: ["localhost"]
                    certificates:
                      - { chain: "cert.pem", key: "cert.key" }
                      - { chain: "rsa.pem", key: "rsa.key", ocsp_response: "rsa.ocsp" }
                    backend: "http://\(origin.address)"
                """, environment: environment
        ) { folder, _ in
            try TestAuthority.write(first, as: "cert", in: folder)
            try TestAuthority.write(second, as: "rsa", in: folder)
            try write(try authority.answer(try credential(second)), folder.path("rsa.ocsp"))
        }
        try martlet.process.errors.wait(for: "tls.ocsp.refreshed", count: 2)
        for (algorithm, leaf) in [("ECDSA+SHA256", first), ("RSA-PSS+SHA256", second)] {
            let run = try RunningProcess.run(
                "openssl",
                [
                    "s_client", "-connect", "\(martlet.address)", "-servername", "localhost",
                    "-status", "-sigalgs", algorithm,
                ])
            let serial = try credential(leaf).serial.uppercased()
            #expect(run.output.contains("Serial Number: \(serial)"), "\(algorithm): \(run.output)")
        }
    }

    @Test("A revoked certificate is shouted about, and goes without a staple")
    func revoked() throws {
        let pair = try pair()
        let responder = try OCSPResponder(authority, about: try credential(pair), .revoked)
        gate.set(.relay(responder.port))
        let martlet = try start(pair)
        let line = try martlet.process.errors.wait(for: "tls.ocsp.revoked")
        #expect(line.contains(" error tls.ocsp.revoked site=localhost"), "\(line)")
        #expect(line.contains("reason=keyCompromise"), "\(line)")
        try martlet.wait(metric: StaplingTests.refreshes("revoked")) { $0 == 1 }
        #expect(try martlet.metric(StaplingTests.expiry) == 0)
        #expect(try staple(martlet) == nil)
        let facts = try told(martlet)
        #expect(facts["state"] == "revoked" && facts["next_update"] == nil, "\(facts)")
        #expect(facts["last_error"]?.contains("keyCompromise") == true, "\(facts)")
    }

    /// What responders do that have nothing to offer.
    enum Trouble: CaseIterable {
        case expired, otherIssuer, otherCertificate, garbage, html, serverError, unknown, hanging
        case down
    }

    private func arrange(_ trouble: Trouble, _ credential: Credential) throws
        -> ResponderGate.Manner
    {
        switch trouble {
        case .expired:
            return .answer(try authority.moved(try authority.answer(credential), by: -7_200))
        case .otherIssuer:
            let stranger = try TestAuthority().pair
            return .answer(try authority.answer(credential, signer: stranger))
        case .otherCertificate:
            return .answer(try authority.answer(try authority.credential("localhost")))
        case .garbage: return .answer(Array("0\u{3}garbage".utf8))
        case .html: return .raw("HTTP/1.0 200 OK\r\n\r\n<html></html>")
        case .serverError: return .raw("HTTP/1.0 500 Oops\r\n\r\n")
        case .unknown: return .answer(try authority.answer(credential, .unknown))
        case .hanging: return .silence
        case .down: return .reset
        }
    }

    @Test(
        "A responder that is of no use keeps neither the start nor a handshake waiting",
        arguments: Trouble.allCases)
    func useless(trouble: Trouble) throws {
        let pair = try pair()
        gate.set(try arrange(trouble, try credential(pair)))
        let martlet = try start(pair)
        #expect(try staple(martlet) == nil)
        let line = try martlet.process.errors.wait(for: "tls.ocsp.failed", atMost: 60)
        #expect(line.contains(" warning "), "\(line)")
        #expect(line.contains("reason=") && line.contains("retry_in="), "\(line)")
        try martlet.wait(metric: StaplingTests.refreshes("failure")) { $0 >= 1 }
        #expect(try staple(martlet) == nil)
        let facts = try told(martlet)
        #expect(facts["state"] == "failed" && facts["last_error_at"] != nil, "\(facts)")
        #expect(facts["last_error"]?.contains(gate.url) == true, "\(facts)")
        let context = try TLSClientContext(trusted: authority.authority.pair.certificate)
        let peer = try Peer(martlet.address, tls: context, serverName: "localhost")
        try peer.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try peer.reply().status == 200)
        // The start had not waited for it.
        let all = martlet.process.errors.all
        if trouble == .hanging {
            let ready = try #require(all.firstIndex { $0.contains("server.ready") })
            let failed = try #require(all.firstIndex { $0.contains("tls.ocsp.failed") })
            #expect(ready < failed)
        }
    }

    @Test("A certificate without a responder is not stapled, and nothing is said of it")
    func noResponder() throws {
        let martlet = try start(try pair(hasURL: false))
        #expect(try staple(martlet) == nil)
        try martlet.reload()
        // That the certificate of the test expires soon is another matter.
        let text = martlet.process.errors.all.filter { !$0.contains("certificate.expiring") }
            .joined(separator: "\n")
        #expect(!text.lowercased().contains("ocsp"), "\(text)")
        #expect(!text.contains(" warning "), "\(text)")
        #expect(try !martlet.ask("/metrics").body.contains("martlet_tls_ocsp_refreshes_total{"))
        #expect(try told(martlet) == ["state": "none"])
    }

    @Test("Where nothing keeps staples over a restart, the start says what to set, once")
    func lost() throws {
        let pair = try pair()
        var nowhere = environment
        for name in ["STATE_DIRECTORY", "XDG_STATE_HOME", "HOME"] { nowhere[name] = "" }
        let martlet = try MartletInstance(sites: sites(""), environment: nowhere) { folder, _ in
            try TestAuthority.write(pair, as: "cert", in: folder)
        }
        let told = martlet.process.errors.all.filter { $0.contains("StateDirectory=martlet") }
        #expect(told.count == 1 && told[0].contains(" warning config.warning text="), "\(told)")
        #expect(!(try start(pair).process.errors.text.contains("StateDirectory=martlet")))
    }

    @Test("A Must-Staple certificate is stapled from the first handshake on")
    func mustStaple() throws {
        let pair = try pair(mustStaple: true)
        let responder = try OCSPResponder(authority, about: try credential(pair))
        gate.set(.relay(responder.port))
        let martlet = try start(pair)
        #expect(try staple(martlet) == "good")
        gate.set(.silence)
        try martlet.reload()
        #expect(try staple(martlet) == "good")
    }

    @Test(
        "A Must-Staple certificate without a staple is refused, in bounded time, and by check too",
        arguments: [Trouble.hanging, .down, .garbage])
    func mustStapleRefused(trouble: Trouble) throws {
        let pair = try pair(mustStaple: true)
        gate.set(try arrange(trouble, try credential(pair)))
        for command in ["run", "check"] {
            let (code, errors) = try fail(pair, command: command)
            #expect(code == 1)
            #expect(errors.contains("promises a staple"), "\(errors)")
            #expect(errors.contains("must_staple: ignore"), "\(errors)")
        }
        let (code, errors) = try fail(pair, more: "tls: { ocsp_stapling: false }")
        #expect(code == 1 && errors.contains("promises a staple"), "\(errors)")
        let martlet = try start(pair, keys: ", must_staple: ignore")
        #expect(try staple(martlet) == nil)
    }

    @Test("A renewed Must-Staple certificate is served as soon as its staple has come")
    func renewed() throws {
        let old = try pair(mustStaple: true)
        gate.set(.answer(try authority.answer(try credential(old))))
        let martlet = try start(old)
        gate.set(.reset)
        let new = try pair(mustStaple: true)
        try TestAuthority.write(new, as: "cert", in: martlet.folder)
        try martlet.process.errors.wait(for: "promises a staple", atMost: 60)
        #expect(try staple(martlet) == "good")
        gate.set(.answer(try authority.answer(try credential(new))))
        try martlet.process.errors.wait(for: "certificate.replaced", atMost: 120)
        #expect(try staple(martlet) == "good")
        let serial = try credential(new).serial
        #expect(try martlet.ask("/metrics").body.contains("serial=\"\(serial)\""))
    }

    func write(_ bytes: [UInt8], _ path: String) throws {
        let next = path + ".next"
        try Data(bytes).write(to: URL(fileURLWithPath: next))
        _ = try RunningProcess.run("mv", [next, path])
    }

    @Test("A response in a file is stapled, and another takes its place when the file changes")
    func file() throws {
        let pair = try pair(mustStaple: true)
        let credential = try credential(pair)
        let old = try authority.answer(credential, minutes: 30)
        let martlet = try start(pair, keys: ", ocsp_response: cert.ocsp") {
            try write(old, $0.path("cert.ocsp"))
        }
        #expect(try staple(martlet) == "good")
        #expect(gate.count == 0)
        let before = try martlet.metric(StaplingTests.expiry)
        try write(
            try authority.answer(credential, minutes: 90), martlet.folder.path("cert.ocsp"))
        try martlet.wait(metric: StaplingTests.expiry, atMost: 30) { $0 > before }
        #expect(try staple(martlet) == "good")

        // What is of no use changes nothing.
        let stale = try authority.moved(try authority.answer(credential), by: -7_200)
        try write(stale, martlet.folder.path("cert.ocsp"))
        let line = try martlet.process.errors.wait(for: "is not stapled", atMost: 30)
        #expect(line.contains("the one before is stapled"), "\(line)")
        try write([1, 2, 3], martlet.folder.path("cert.ocsp"))
        try martlet.process.errors.wait(for: "is no OCSP response", atMost: 30)
        #expect(try staple(martlet) == "good")
        let facts = try told(martlet)
        #expect(facts["state"] == "good" && facts["source"] == "file", "\(facts)")
        #expect(facts["last_error"]?.contains("cert.ocsp") == true, "\(facts)")
    }

    @Test("A file that holds no response is refused; one that is of no use is warned of")
    func badFile() throws {
        let pair = try pair()
        let credential = try credential(pair)
        let keys = ", ocsp_response: cert.ocsp"
        let (code, errors) = try fail(pair, keys: keys) {
            try write(Array("no".utf8), $0.path("cert.ocsp"))
        }
        #expect(code == 1 && errors.contains("is no OCSP response in DER"), "\(errors)")
        let missing = try fail(pair, keys: keys)
        #expect(missing.code == 1 && missing.errors.contains("cannot read the OCSP response"))
        for (bytes, text) in [
            (try authority.answer(try authority.credential("localhost")), "another certificate"),
            (try authority.answer(credential, .revoked), "the certificate is revoked"),
        ] {
            let martlet = try start(pair, keys: keys) { try write(bytes, $0.path("cert.ocsp")) }
            #expect(martlet.process.errors.text.contains(text), "\(martlet.process.errors.text)")
            #expect(try staple(martlet) == nil)
        }
    }

    @Test("Stapling that is switched off by a reload ends, and begins again when switched on")
    func switchedOff() throws {
        let pair = try pair()
        gate.set(.answer(try authority.answer(try credential(pair))))
        let martlet = try start(pair)
        try martlet.process.errors.wait(for: "tls.ocsp.refreshed")
        for (isOn, expected) in [(false, nil), (true, "good")] as [(Bool, String?)] {
            let text = MartletInstance.text(
                sites: sites(""), more: "tls: { ocsp_stapling: \(isOn) }")
            try martlet.folder.write(text, to: "martlet.yaml")
            try martlet.reload()
            if isOn { try martlet.process.errors.wait(for: "tls.ocsp.refreshed", count: 2) }
            #expect(try staple(martlet) == expected)
            #expect(try told(martlet)["state"] == expected ?? "none")
        }
    }
}

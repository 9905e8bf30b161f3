import Bytes
import TestSupport
import Testing

@testable import TLS

/// What OpenSSL says of a refused handshake, and what Martlet says of it.
struct HandshakeFailureReasonTests {
    @Test(
        "What the client offers decides the reason",
        arguments: [
            Offer(.tls12, .noSharedCipher, alert: 40, suites: "ECDHE-RSA-AES128-GCM-SHA256"),
            Offer(.tls12, .noSharedCipher, alert: 40, suites: "AES128-GCM-SHA256"),
            Offer(.tls12, .noSharedCipher, alert: 40, groups: "P-521"),
            Offer(.tls13, .noSharedGroup, alert: 40, groups: "P-521"),
            Offer(.tls13, .noSharedSignatureAlgorithm, alert: 40, algorithms: "RSA-PSS+SHA256"),
            Offer(.tls12, .noSharedCipher, alert: 40, algorithms: "RSA+SHA256"),
            Offer(.tls12, .unsupportedVersion, alert: 70, policy: .modern),
            Offer(.tls12, .noApplicationProtocol, alert: 120, alpn: ["ftp"]),
            Offer(.tls13, .noApplicationProtocol, alert: 120, alpn: ["ftp"]),
        ])
    func offers(_ offer: Offer) throws {
        let sites = try TestSites()
        let client = try sites.client(
            offer.version, suites: offer.suites, groups: offer.groups,
            signatureAlgorithms: offer.algorithms, alpn: offer.alpn)
        var pair = try Handshake(sites.context(policy: offer.policy, alpn: ["h2"]), client)
        pair.run()
        let outcome = pair.serverOutcome
        #expect(outcome == .failed(offer.failure))
        let alert = pair.client.serverAlert
        #expect(alert == offer.alert)
        let isEmpty = ErrorQueue.take() == nil
        #expect(isEmpty)
    }

    @Test("A client says why it rejects the certificate", arguments: TLSVersion.allCases)
    func rejections(_ version: TLSVersion) throws {
        let sites = try TestSites()
        let other = try TestSites()
        let expired = try sites.authority.issue("a.test", validity: .seconds(-60))
        let store = CredentialStore(
            sites: [
                .init(
                    hosts: ["a.test"],
                    credentials: [
                        try Credential(chainPEM: expired.certificate, keyPEM: expired.key)
                    ], index: 0)
            ], defaultSite: 0, rejectsUnknownHosts: false)
        // Alerts of RFC 8446 §6.2: unknown_ca, bad_certificate, certificate_expired.
        let table = [
            (try sites.context(), try other.client(version), "a.test", 48 as UInt8),
            (try sites.context(), try sites.client(version), "c.test", 42),
            (try sites.context(store), try sites.client(version), "a.test", 45),
        ]
        for (server, client, name, alert) in table {
            var pair = try Handshake(server, client, serverName: name)
            pair.run()
            let outcome = pair.serverOutcome
            #expect(outcome == .failed(.clientRejectedCertificate))
            let facts = (pair.server.clientAlert, pair.server.hasReceivedCloseNotify)
            #expect(facts == (alert, false))
        }
    }

    @Test(
        "Bytes that are no ClientHello have a reason",
        arguments: [
            (Array("GET / HTTP/1.1\r\n".utf8), .plainHTTP),
            (Array("CONNECT a.test:443 HTTP/1.1\r\n".utf8), .plainHTTP),
            (Array("SSH-2.0-OpenSSH_9.2\r\n".utf8), .malformedMessage),
            (Array("get / HTTP/1.1\r\n\r\n".utf8), .malformedMessage),
            ([UInt8](repeating: 0, count: 64), .malformedMessage),
            ([UInt8](repeating: 255, count: 64), .malformedMessage),
            // A ClientHello that ends within itself, an empty one, application data.
            ([22, 3, 1, 0, 5, 1, 0, 0, 1, 0], .malformedMessage),
            ([22, 3, 1, 0, 4, 1, 0, 0, 0], .malformedMessage),
            ([23, 3, 3, 0, 5, 1, 2, 3, 4, 5], .malformedMessage),
            // A record beyond 16 KiB (RFC 8446 §5.1), and a ServerHello.
            ([22, 3, 1, 0xff, 0xff, 1, 0, 0, 0], .malformedMessage),
            ([22, 3, 3, 0, 4, 2, 0, 0, 0], .malformedMessage),
            // An alert before there is anything to object to.
            ([21, 3, 1, 0, 2, 1, 0], .malformedMessage),
        ] as [([UInt8], HandshakeFailure)])
    func strangers(_ bytes: [UInt8], _ failure: HandshakeFailure) throws {
        let server = try TestSites().context()
        for step in [Int.max, 1] {
            var session = try TLSSession(context: server)
            var input = ByteQueue()
            input.append(bytes.span)
            var output = ByteQueue()
            var outcome = HandshakeOutcome.needsInput
            while outcome == .needsInput, !input.isEmpty {
                let part = Handshake.take(step, from: &input)
                outcome = session.handshake(part.span, output: &output)
            }
            #expect(outcome == .failed(failure))
            let isEmpty = ErrorQueue.take() == nil
            #expect(isEmpty)
        }
    }

    @Test(
        "A client may give up between its flights", arguments: TLSVersion.allCases,
        [
            // close_notify, user_canceled before it, handshake_failure, certificate_expired.
            ([21, 3, 3, 0, 2, 1, 0], .clientClosed),
            ([21, 3, 3, 0, 2, 1, 90, 21, 3, 3, 0, 2, 1, 0], .clientClosed),
            ([21, 3, 3, 0, 2, 2, 40], .clientAlert),
            ([21, 3, 3, 0, 2, 2, 45], .clientRejectedCertificate),
        ] as [([UInt8], HandshakeFailure)])
    func resignation(_ version: TLSVersion, _ row: ([UInt8], HandshakeFailure)) throws {
        let sites = try TestSites()
        var pair = try Handshake(sites.context(), sites.client(version))
        pair.begin()
        pair.deliverToServer(Handshake.take(.max, from: &pair.toServer))
        pair.deliverToServer(row.0)
        let outcome = pair.serverOutcome
        #expect(outcome == .failed(row.1))
        let alert = pair.server.clientAlert
        #expect(alert == (row.1 == .clientClosed ? nil : row.0.last))
    }

    @Test(
        "A ClientHello of an old version is told", arguments: [0x00, 0x01, 0x02] as [UInt8])
    func oldVersions(_ minor: UInt8) throws {
        var hello: [UInt8] = [1, 0, 0, 43, 3, minor]
        hello += [UInt8](repeating: 9, count: 32)
        // No session, TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA and two more, no compression.
        hello += [0, 0, 4, 0xc0, 0x09, 0xc0, 0x13, 1, 0]
        let record = [22, 3, 1, 0, UInt8(hello.count)] + hello
        var session = try TLSSession(context: TestSites().context())
        var output = ByteQueue()
        let outcome = session.handshake(record.span, output: &output)
        #expect(outcome == .failed(.unsupportedVersion))
        // A fatal alert: protocol_version, which SSL 3.0 did not have.
        let alert = Handshake.take(.max, from: &output)
        #expect(alert.suffix(2) == [2, minor == 0 ? 40 : 70])
    }

    @Test("Every reason of OpenSSL has one of ours")
    func entries() {
        // 20 is the library "SSL routines"; the upper bits of a reason mark those of all libraries.
        let (ssl, fatal) = (Int32(20), Int32(0xc0000))
        let table: [(Int32, Int32, HandshakeFailure)] = [
            (2, 104, .internalError), (6, 100, .malformedMessage),
            (ssl, fatal | 259, .internalError), (ssl, fatal | 256, .internalError),
            (15, fatal | 256, .internalError), (ssl, 193, .noSharedCipher),
            (ssl, 258, .unsupportedVersion), (ssl, 156, .plainHTTP),
            (ssl, 294, .clientClosed), (ssl, 377, .internalError),
            (ssl, 999, .malformedMessage), (ssl, 1_000, .clientClosed),
            (ssl, 1_040, .clientAlert), (ssl, 1_042, .clientRejectedCertificate),
            (ssl, 1_048, .clientRejectedCertificate), (ssl, 1_070, .unsupportedVersion),
            (ssl, 1_090, .clientClosed), (ssl, 1_255, .clientAlert),
            (ssl, 1_256, .malformedMessage),
        ]
        for (library, reason, failure) in table {
            let entry = ErrorQueue.Entry(library: library, reason: reason)
            #expect(HandshakeFailure(entry) == failure, "\(library) \(reason)")
        }
        #expect(HandshakeFailure(nil) == .internalError)
    }

    @Test(
        "Alerts about the certificate are told from others",
        arguments: [41, 42, 43, 44, 45, 46, 47, 48, 49, 111, 113] as [UInt8])
    func alerts(_ alert: UInt8) {
        let isCertificate = ![41, 47, 49].contains(alert)
        #expect(
            HandshakeFailure(alert: alert)
                == (isCertificate ? .clientRejectedCertificate : .clientAlert))
    }
}

extension HandshakeFailureReasonTests {
    /// What a client offers, and what comes of it.
    struct Offer: Sendable {
        let version: TLSVersion
        let failure: HandshakeFailure
        let alert: UInt8
        let policy: TLSPolicy
        let suites: String?
        let groups: String?
        let algorithms: String?
        let alpn: [String]

        init(
            _ version: TLSVersion, _ failure: HandshakeFailure, alert: UInt8,
            policy: TLSPolicy = .intermediate, suites: String? = nil, groups: String? = nil,
            algorithms: String? = nil, alpn: [String] = []
        ) {
            self.version = version
            self.failure = failure
            self.alert = alert
            self.policy = policy
            self.suites = suites
            self.groups = groups
            self.algorithms = algorithms
            self.alpn = alpn
        }
    }
}

import Bytes
import Config
import Platform
import Synchronization
import TLS
import TestSupport
import Testing

@testable import Proxy

/// The scheme that servers of HTTP/2 are told, which is that of the connection to them.
@Suite("Worker+Shared+Scheme", .serialized)
struct WorkerSharedSchemeTests {
    /// What a server has read.
    private final class Input: Sendable {
        private let bytes = Mutex<[UInt8]>([])

        func note(_ more: [UInt8]) { bytes.withLock { $0 += more } }

        /// The first two bytes of the first field section; nil before it is there.
        var begin: [UInt8]? {
            var rest = bytes.withLock { $0 }.dropFirst(Frame.preface.count)
            while rest.count >= 9 {
                let head = Array(rest.prefix(9))
                let count = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
                guard rest.count >= 9 + count else { return nil }
                if head[3] == 1 { return Array(rest.dropFirst(9).prefix(2)) }
                rest = rest.dropFirst(9 + count)
            }
            return nil
        }
    }

    private func plainOrigin(_ input: Input) throws -> Origin {
        try Origin { connection in
            while let bytes = connection.readSome() { input.note(bytes) }
        }
    }

    private func secureOrigin(_ pair: PEMPair, _ input: Input) throws -> Origin {
        let store = CredentialStore(
            sites: [
                .init(
                    hosts: ["origin.test"],
                    credentials: [try Credential(chainPEM: pair.certificate, keyPEM: pair.key)],
                    index: 0)
            ], defaultSite: 0, rejectsUnknownHosts: false)
        let context = try TLSContext(
            store: store, policy: .intermediate, alpn: ["h2"], ticketKeys: TicketKeys())
        return try Origin { connection in
            try WorkerSharedSchemeTests.decrypt(connection, context, input)
        }
    }

    private static func decrypt(
        _ connection: OriginConnection, _ context: TLSContext, _ input: Input
    ) throws {
        let nothing: [UInt8] = []
        var session = try TLSSession(context: context)
        var isDone = false
        while let bytes = connection.readSome() {
            var plaintext = ByteQueue()
            var output = ByteQueue()
            if isDone {
                _ = session.read(bytes.span, into: &plaintext, output: &output)
            } else {
                let outcome = session.advance(
                    bytes.span, earlyData: &plaintext, output: &output
                ).outcome
                isDone = outcome == .done
                if isDone { _ = session.read(nothing.span, into: &plaintext, output: &output) }
            }
            connection.send(Array(copying: output.bytes))
            input.note(Array(copying: plaintext.bytes))
        }
    }

    /// The client speaks to Martlet without TLS in either case.
    @Test(
        "A server with TLS is asked under https, one without under http",
        arguments: [(BackendProtocol.h2c, 0x86), (.h2, 0x87)] as [(BackendProtocol, UInt8)])
    func scheme(speaks: BackendProtocol, field: UInt8) throws {
        let authority = try TestAuthority()
        let input = Input()
        let origin =
            try speaks == .h2
            ? secureOrigin(authority.issue("origin.test"), input) : plainOrigin(input)
        var terms = TLSClientTerms(
            authorities: try ClientAuthorities(pem: authority.pair.certificate))
        terms.applicationProtocol = "h2"
        let tls = ServerTLS(context: try TLSClientContext(terms), serverName: "origin.test")
        let worker = try RunningWorker()
        let setup = WorkerSetup(sites: [
            .init(servers: [origin.address], speaks: speaks, tls: speaks == .h2 ? tls : nil)
        ])
        let listener = try WorkerSetup.listen()
        try worker.install(setup, on: listener)
        let peer = try Peer(listener.address)
        try peer.send(WorkerSharedTests.get)
        try Deadline.wait("a request") { input.begin != nil }
        // RFC 7541 Appendix A: behind the method, `:scheme` is 7 for https and 6 for http.
        #expect(input.begin == [0x82, field])
        try worker.stop()
    }
}

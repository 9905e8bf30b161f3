import Bytes
import TestSupport
import Testing

@testable import TLS

/// What a client with terms makes of a server.
struct PinnedVerificationTests {
    private let sites: TestSites

    init() throws { sites = try TestSites() }

    private func outcome(
        _ terms: TLSClientTerms, server name: String? = "a.test"
    ) throws -> ServerHandshakeFailure? {
        var server = try TLSSession(context: sites.context())
        var client = try TLSClientSession(
            context: TLSClientContext(terms), server: name, ticket: nil)
        var toServer = ByteQueue()
        var toClient = ByteQueue()
        var early = ByteQueue()
        _ = client.handshake(toClient.bytes, output: &toServer)
        for _ in 0..<4 {
            var answer = ByteQueue()
            _ = server.handshake(toServer.bytes, earlyData: &early, output: &answer)
            toServer.removeAll()
            swap(&answer, &toClient)
            switch client.handshake(toClient.bytes, output: &toServer) {
            case .done: return nil
            case .failed: return client.failure
            case .needsInput: continue
            }
        }
        throw TestFailure("the handshake does not end")
    }

    private func pin(_ pem: [UInt8]) throws -> PublicKeyPin {
        let authorities = try ClientAuthorities(pem: pem)
        let pin = unsafe PublicKeyPin(certificate: authorities.certificates[0])
        return try #require(pin)
    }

    private var other: PublicKeyPin? {
        PublicKeyPin("sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
    }

    @Test("One of the pins has to be that of a certificate of the chain")
    func pinned() throws {
        let authority = try ClientAuthorities(pem: sites.authority.pair.certificate)
        var terms = TLSClientTerms(authorities: authority)
        #expect(try outcome(terms) == nil)
        terms.pins = [try #require(other)]
        #expect(try outcome(terms) == .pinMismatch)
        terms.pins.append(try pin(sites.authority.pair.certificate))
        #expect(try outcome(terms) == nil)
        // A pin makes up for nothing else.
        #expect(try outcome(terms, server: "elsewhere.test") == .hostNameMismatch)
    }

    @Test("Without verification the server's own key has to be pinned, whoever vouches for it")
    func unverified() throws {
        var terms = TLSClientTerms(authorities: nil)
        #expect(try outcome(terms) == nil)
        terms.pins = [try pin(sites.authority.pair.certificate)]
        #expect(try outcome(terms) == .pinMismatch)
    }

    @Test("A server whose authority is unknown is refused")
    func unknown() throws {
        let stranger = try TestAuthority()
        let terms = TLSClientTerms(
            authorities: try ClientAuthorities(pem: stranger.pair.certificate))
        #expect(try outcome(terms) == .unknownAuthority)
    }
}

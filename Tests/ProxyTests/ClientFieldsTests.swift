import Bytes
import Foundation
import TLS
import TestSupport
import Testing

@testable import Proxy

/// What backends get to read of a client's certificate.
struct ClientFieldsTests {
    /// The identity that a server sees of a client with these names.
    private func lines(_ subject: String, names: String? = nil) throws -> (
        lines: [String], certificate: Data
    ) {
        let authority = try ClientAuthority()
        let pair = try authority.issue(subject, names: names)
        let client = try ClientFieldsTests.identity(pair, authority)
        let text = String(decoding: ClientFields.lines(of: client), as: UTF8.self)
        #expect(text.hasSuffix("\r\n"))
        return (
            text.dropLast().split(separator: "\r\n").map(String.init),
            Data(try #require(client).certificate)
        )
    }

    /// Makes a handshake in memory.
    private static func identity(
        _ pair: PEMPair, _ authority: ClientAuthority
    ) throws -> ClientIdentity? {
        let own = try TestAuthority()
        let served = try own.issue("a.test")
        let authorities = try ClientAuthorities(pem: authority.certificate)
        let policy = try ClientVerification(.init(mode: .required, authorities: authorities))
        let credential = try Credential(chainPEM: served.certificate, keyPEM: served.key)
        let store = CredentialStore(
            sites: [
                .init(
                    hosts: ["a.test"], credentials: [credential], index: 0,
                    clientVerification: policy)
            ], defaultSite: 0, rejectsUnknownHosts: false)
        var server = try TLSSession(
            context: TLSContext(
                store: store, policy: .intermediate, alpn: [], ticketKeys: TicketKeys()))
        var client = try TLSClientSession(
            context: TLSClientContext(
                trusted: own.pair.certificate,
                credential: Credential(chainPEM: pair.certificate, keyPEM: pair.key)),
            serverName: "a.test")
        var toServer = ByteQueue()
        var toClient = ByteQueue()
        var early = ByteQueue()
        for _ in 0..<4 {
            _ = client.handshake(toClient.bytes, output: &toServer)
            toClient.removeAll()
            let step = server.advance(toServer.bytes, earlyData: &early, output: &toClient)
            toServer.removeAll()
            if step.outcome == .done { return server.clientIdentity }
        }
        return nil
    }

    @Test("The certificate stands between colons, and its hash and names beside it")
    func whole() throws {
        let (lines, certificate) = try lines(
            "/O=Example, \"Inc\"/CN=alice",
            names: "DNS:a.test,DNS:b.test,URI:spiffe://x/y,email:a@x.test")
        let hash = try #require(lines.last).dropFirst("X-Forwarded-Client-Cert: Hash=".count)
            .prefix(64)
        #expect(hash.allSatisfy { $0.isHexDigit && !$0.isUppercase })
        #expect(
            lines == [
                "Client-Cert: :\(certificate.base64EncodedString()):",
                "X-Forwarded-Client-Cert: Hash=\(hash);Subject=\"CN=alice,O=Example\\, "
                    + "\\\"Inc\\\"\";URI=spiffe://x/y;DNS=a.test;DNS=b.test",
            ])
    }

    @Test("What could be taken for more than one value stands in quotes")
    func quotes() throws {
        let (lines, _) = try lines("/CN=a", names: "URI:urn:a;By=b,URI:urn:q=1")
        #expect(lines[1].hasSuffix(#";URI="urn:a;By=b";URI="urn:q=1""#), "\(lines)")
    }

    @Test("Names with what could end a field are left out")
    func control() throws {
        let (lines, _) = try lines("/CN=a", names: "URI:urn:a b,URI:urn:ok")
        #expect(lines[1].hasSuffix(";Subject=\"CN=a\";URI=urn:ok"), "\(lines)")
    }

    @Test("Of a client without a certificate nothing is said")
    func nobody() { #expect(ClientFields.lines(of: nil).isEmpty) }
}

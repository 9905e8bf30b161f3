import Bytes
import COpenSSL
import TestSupport
import Testing

@testable import TLS

struct TLSClientSessionTests {
    @Test("Before the handshake a client knows nothing of the server")
    func before() throws {
        let sites = try TestSites()
        let session = try TLSClientSession(context: sites.client(), serverName: "a.test")
        let subject = session.serverSubject
        let (alert, isResumed) = (session.serverAlert, session.isResumed)
        let ticket = session.ticket
        #expect(subject == nil && alert == nil && !isResumed && ticket == nil)
    }

    @Test(
        "A server is asked for by its name, and by an address without one",
        arguments: [
            ("db1", "db1"), ("127.0.0.1", nil), ("::1", nil), ("a.test", "a.test"),
        ] as [(String, String?)])
    func serverNames(_ name: String, _ asked: String?) throws {
        let sites = try TestSites()
        let pair = try sites.authority.issue(name)
        let credential = try Credential(chainPEM: pair.certificate, keyPEM: pair.key)
        let store = CredentialStore(
            sites: [.init(hosts: ["a.test"], credentials: [credential], index: 0)],
            defaultSite: 0, rejectsUnknownHosts: false)
        var server = try TLSSession(context: sites.context(store))
        let terms = TLSClientTerms(
            authorities: try ClientAuthorities(pem: sites.authority.pair.certificate))
        var client = try TLSClientSession(
            context: TLSClientContext(terms), server: name, ticket: nil)
        var toServer = ByteQueue()
        var toClient = ByteQueue()
        var early = ByteQueue()
        _ = client.handshake(toClient.bytes, output: &toServer)
        _ = server.handshake(toServer.bytes, earlyData: &early, output: &toClient)
        let outcome = client.handshake(toClient.bytes, output: &toServer)
        #expect(outcome == .done)
        let serverName = server.serverName
        #expect(serverName == asked)
    }

    @Test("A host name has 255 bytes at most", arguments: [1, 255, 256])
    func names(_ count: Int) throws {
        let client = try TestSites().client()
        let name = String(repeating: "a", count: count)
        do throws(TLSError) {
            _ = try TLSClientSession(context: client, serverName: name)
            #expect(count <= 255)
        } catch {
            #expect(count > 255 && error.operation == "ask for '\(name)'")
        }
        #expect(ErrorQueue.take() == nil)
    }

    @Test("The server's refusal ends the client's handshake, with the alert")
    func refusal() throws {
        let sites = try TestSites()
        let store = try sites.store(rejectsUnknownHosts: true)
        var pair = try Handshake(sites.context(store), sites.client(), serverName: "c.test")
        pair.run()
        let facts = (pair.clientOutcome, pair.client.serverAlert)
        // Alert 112 is unrecognized_name.
        #expect(facts == (.failed(.clientAlert), 112))
        let isWritten = pair.seal([1])
        #expect(!isWritten)
    }

    @Test("A ticket outlives its session, whatever its end", arguments: TLSVersion.allCases)
    func tickets(_ version: TLSVersion) throws {
        let sites = try TestSites()
        let (server, client) = (try sites.context(), try sites.client(version))
        let ticket = try TLSClientSessionTests.ticket(server, client)
        // Twice, and once after the session that it resumed was cut off.
        for _ in 0..<3 {
            var pair = try Handshake(server, client, ticket: ticket)
            pair.run()
            let isResumed = pair.client.isResumed
            #expect(isResumed)
            let subject = pair.client.serverSubject
            #expect(subject == "CN=a.test")
        }
    }

    /// Each resumption brings another ticket: a server could go on for ever without being judged.
    @Test("A ticket is of no use behind the end of the server's certificate")
    func expired() throws {
        let sites = try TestSites()
        let leaf = try sites.authority.issue("a.test", validity: .seconds(-60))
        let credential = try Credential(chainPEM: leaf.certificate, keyPEM: leaf.key)
        let store = CredentialStore(
            sites: [.init(hosts: ["a.test"], credentials: [credential], index: 0)],
            defaultSite: 0, rejectsUnknownHosts: false)
        let server = try sites.context(store)
        let ticket = try TLSClientSessionTests.ticket(server, TLSClientContext(trusted: nil))
        let trusted = try ClientAuthorities(pem: sites.authority.pair.certificate)
        for (authorities, isGood) in [(trusted, false), (nil, true)] {
            let context = try TLSClientContext(TLSClientTerms(authorities: authorities))
            var client = try TLSClientSession(context: context, server: "a.test", ticket: ticket)
            var session = try TLSSession(context: server)
            var toServer = ByteQueue()
            var toClient = ByteQueue()
            var early = ByteQueue()
            _ = client.handshake(toClient.bytes, output: &toServer)
            _ = session.handshake(toServer.bytes, earlyData: &early, output: &toClient)
            let isDone = client.handshake(toClient.bytes, output: &toServer) == .done
            let isResumed = client.isResumed
            #expect(isDone == isGood && isResumed == isGood)
        }
    }

    /// A server could let us derive keys, and answer, for as long as it liked.
    @Test(
        "So many KeyUpdates of a server in a row are too many",
        arguments: [(31, false), (32, true), (40, true)])
    func keyUpdates(count: Int, isFlooded: Bool) throws {
        let sites = try TestSites()
        var pair = try Handshake(sites.context(), sites.client(.tls13))
        pair.run()
        // Bytes between them make up for those before.
        for round in [31, count] {
            let nothing: [UInt8] = []
            for _ in 0..<round {
                let isUpdated = pair.server.updateKeys()
                let outcome = pair.server.handshake(nothing.span, output: &pair.toClient)
                #expect(isUpdated && outcome == .done)
            }
            let isWritten = pair.sealAnswer([1])
            #expect(isWritten)
        }
        let input = Handshake.take(.max, from: &pair.toClient)
        var plaintext = ByteQueue()
        var answers = ByteQueue()
        let outcome = pair.client.read(
            input.span, into: &plaintext, output: &answers, idleLimit: 32)
        #expect(outcome == (isFlooded ? .failed : .bytes(2)))
        let (isOver, answered) = (pair.client.isFlooded, answers.count)
        #expect(isOver == isFlooded && answered <= (31 + 32) * 27)
        let isWritten = pair.seal([1])
        #expect(isWritten != isFlooded)
    }

    /// Each is four bytes, and is answered by an alert (RFC 5246 §7.4.1.1).
    @Test("So many HelloRequests are too many", arguments: [(2, false), (3, true), (4, true)])
    func helloRequests(count: Int, isFlooded: Bool) throws {
        let sites = try TestSites()
        var terms = TLSClientTerms(
            authorities: try ClientAuthorities(pem: sites.authority.pair.certificate))
        terms.versions = .tls12 ... .tls12
        var pair = try Handshake(sites.context(), TLSClientContext(terms))
        pair.run()
        let nothing: [UInt8] = []
        // SAFETY: lifetime: the session lives as long as the handshake.
        _ = unsafe SSL_clear_options(pair.server.channel.session, martlet_SSL_OPTIONS)
        for _ in 0..<count {
            let isAsked = unsafe SSL_renegotiate(pair.server.channel.session) == 1
            let outcome = pair.server.handshake(nothing.span, output: &pair.toClient)
            #expect(isAsked && outcome == .done)
        }
        let input = Handshake.take(.max, from: &pair.toClient)
        var plaintext = ByteQueue()
        var answers = ByteQueue()
        let outcome = pair.client.read(
            input.span, into: &plaintext, output: &answers, idleLimit: 3)
        #expect(outcome == (isFlooded ? .failed : .bytes(0)))
        let isOver = pair.client.isFlooded
        #expect(isOver == isFlooded)
    }

    private static func ticket(_ server: TLSContext, _ client: TLSClientContext) throws
        -> TLSClientTicket
    {
        var pair = try Handshake(server, client)
        pair.run()
        let ticket = pair.client.ticket
        return try #require(ticket)
    }
}

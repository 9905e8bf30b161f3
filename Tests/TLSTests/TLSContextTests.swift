import Bytes
import Dispatch
import Synchronization
import TestSupport
import Testing

@testable import TLS

struct TLSContextTests {
    @Test("A site whose first host is the same has the same identity, whatever its number")
    func identities() throws {
        let sites = try TestSites()
        let one = try sites.context(sites.store([["a.test"], ["b.test", "c.test"]]))
        let other = try sites.context(sites.store([["b.test"], ["d.test"], ["a.test", "e.test"]]))
        #expect(one.identities.count == 2 && other.identities.count == 3)
        #expect(one.identities[0] == other.identities[2])
        #expect(one.identities[1] == other.identities[0])
        #expect(Set(one.identities + other.identities).count == 3)
        // The most that OpenSSL takes.
        #expect(one.identities[0].count == 32)
    }

    @Test("Protocols stand behind their lengths, best first")
    func protocols() throws {
        let sites = try TestSites()
        let context = try sites.context(alpn: ["h2", "http/1.1"])
        #expect(context.protocols == [2] + Array("h2".utf8) + [8] + Array("http/1.1".utf8))
        #expect(try sites.context().protocols == [])
    }

    @Test("A context without sites refuses every host")
    func empty() throws {
        let sites = try TestSites()
        let store = CredentialStore(sites: [], defaultSite: nil, rejectsUnknownHosts: false)
        var pair = try Handshake(sites.context(store), sites.client())
        pair.run()
        let outcome = pair.serverOutcome
        #expect(outcome == .failed(.unknownHost))
    }

    @Test("One server sends one ticket", arguments: TLSVersion.allCases)
    func tickets(_ version: TLSVersion) throws {
        let sites = try TestSites()
        var pair = try Handshake(sites.context(), sites.client(version))
        pair.begin()
        pair.deliverToServer(Handshake.take(.max, from: &pair.toServer))
        pair.deliverToClient(Handshake.take(.max, from: &pair.toClient))
        pair.deliverToServer(Handshake.take(.max, from: &pair.toServer))
        let last = Handshake.take(.max, from: &pair.toClient)
        // In TLS 1.3 the last flight is tickets alone, each a record of its own.
        if version == .tls13 {
            let first = 5 + Int(last[3]) << 8 + Int(last[4])
            #expect(last.count == first)
        }
        pair.deliverToClient(last)
        let ticket = pair.client.ticket
        #expect(ticket != nil)
    }

    @Test("Threads share a context")
    func threads() throws {
        let sites = try TestSites()
        let server = try sites.context(sites.store(algorithms: [.ecdsa, .rsa]), alpn: ["h2"])
        let failures = Mutex<[String]>([])
        let authority = sites.authority.pair.certificate
        DispatchQueue.concurrentPerform(iterations: 8) { number in
            do {
                let client = try TLSClientContext(
                    trusted: authority,
                    versions: number % 2 == 0 ? 0x0303...0x0303 : 0x0304...0x0304,
                    alpn: ["h2"])
                for round in 0..<10 {
                    var pair = try Handshake(
                        server, client, serverName: round % 2 == 0 ? "a.test" : "b.test")
                    pair.run()
                    let isRight = pair.isEstablished && pair.server.site == round % 2
                    if !isRight { failures.withLock { $0.append("\(number) \(round)") } }
                }
            } catch { failures.withLock { $0.append("\(error)") } }
        }
        #expect(failures.withLock { $0 } == [])
    }

    @Test("A chain is sent whole, though a client trusts only its root")
    func chains() throws {
        let sites = try TestSites()
        let leaf = try sites.authority.issue("a.test")
        let credential = try Credential(
            chainPEM: leaf.certificate + sites.authority.pair.certificate, keyPEM: leaf.key)
        let lone = try Credential(chainPEM: leaf.certificate, keyPEM: leaf.key)
        var sizes: [Int] = []
        for shown in [credential, lone] {
            let store = CredentialStore(
                sites: [.init(hosts: ["a.test"], credentials: [shown], index: 0)],
                defaultSite: 0, rejectsUnknownHosts: false)
            var pair = try Handshake(sites.context(store), sites.client(.tls12))
            pair.begin()
            pair.deliverToServer(Handshake.take(.max, from: &pair.toServer))
            sizes.append(pair.toClient.count)
            pair.settle()
            let isEstablished = pair.isEstablished
            #expect(isEstablished)
        }
        #expect(sizes[0] > sizes[1] + 300)
    }
}

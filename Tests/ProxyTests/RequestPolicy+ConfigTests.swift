import Config
import HTTP
import TestSupport
import Testing

@testable import Proxy

@Suite("RequestPolicy+Config", .serialized)
struct RequestPolicyConfigTests {
    @Test("The defaults of configuration and policy are the same")
    func defaults() {
        #expect(RequestPolicy(HTTPConfig()) == RequestPolicy())
    }

    @Test("Each key has its part of the policy")
    func keys() {
        var policy = RequestPolicy()
        policy.passesDotSegments = true
        #expect(RequestPolicy(HTTPConfig(dotSegments: .pass)) == policy)
        policy = RequestPolicy()
        policy.passesEncodedSlashes = false
        #expect(RequestPolicy(HTTPConfig(encodedSlashes: .reject)) == policy)
        policy = RequestPolicy()
        policy.passesGetBodies = false
        #expect(RequestPolicy(HTTPConfig(getBody: .reject)) == policy)
        policy = RequestPolicy()
        policy.underscoreFields = .drop
        #expect(RequestPolicy(HTTPConfig(underscoreFields: .drop)) == policy)
        policy.underscoreFields = .reject
        #expect(RequestPolicy(HTTPConfig(underscoreFields: .reject)) == policy)
    }

    @Test(
        "What the policy refuses never reaches a server, and ends the connection",
        arguments: [
            "GET /a/%2e%2e/b HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET /a%2fb HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: localhost\r\nX_A: 1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\na",
        ])
    func refused(_ request: String) throws {
        let origin = try Origin { $0.echo() }
        let (worker, address) = try RunningWorker.plain(origin.address) {
            $0.requestPolicy = RequestPolicy(
                HTTPConfig(encodedSlashes: .reject, underscoreFields: .reject, getBody: .reject))
        }
        let peer = try Peer(address)
        try peer.send(request + "GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let reply = try peer.reply()
        #expect(reply.status == 400)
        #expect(reply.field("connection") == "close")
        #expect(try peer.receiveAll() == "")
        #expect(origin.heads.isEmpty)
        try worker.stop()
    }

    @Test(
        "Trailers follow the rule for fields", arguments: [HTTPConfig.FieldVerdict.drop, .reject])
    func trailers(_ verdict: HTTPConfig.FieldVerdict) throws {
        let origin = try Origin { connection in
            _ = connection.readHead()
            let body = connection.read(until: "\r\n\r\n")
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        }
        let (worker, address) = try RunningWorker.plain(origin.address) {
            $0.requestPolicy = RequestPolicy(HTTPConfig(underscoreFields: verdict))
        }
        let peer = try Peer(address)
        try peer.send(
            "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "1\r\na\r\n0\r\nA_b: c\r\nD: e\r\n\r\n")
        let reply = try peer.reply()
        #expect(reply.status == (verdict == .drop ? 200 : 400))
        if verdict == .drop { #expect(reply.body == "1\r\na\r\n0\r\nD: e\r\n\r\n") }
        try worker.stop()
    }

    /// RFC 9110 §7.4: the absolute form may say what the connection is not.
    @Test("A target under https is not served without TLS")
    func secureTarget() throws {
        let origin = try Origin { $0.echo() }
        let (worker, address) = try RunningWorker.plain(origin.address)
        let peer = try Peer(address)
        try peer.send("GET https://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try peer.reply().status == 421)
        try peer.send("GET http://localhost/ HTTP/1.1\r\nHost: other\r\n\r\n")
        #expect(try peer.reply().status == 200)
        #expect(origin.heads.count == 1)
        try worker.stop()
    }
}

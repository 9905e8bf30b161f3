import Foundation
import Platform
import TestSupport
import Testing

@testable import TLS

@Suite struct OCSPClientTests {
    private let authority: OCSPAuthority
    private let credential: Credential
    private let now = Int64(Date().timeIntervalSince1970)

    init() throws {
        authority = try OCSPAuthority()
        credential = try authority.credential()
    }

    private func ask(_ url: String, request: [UInt8]? = nil) throws -> [UInt8] {
        try OCSPClient.ask(
            url, request: request ?? credential.makeOCSPRequest(), timeout: .seconds(30))
    }

    @Test(
        "A responder that is asked by GET answers what can be stapled", arguments: ["/", ""])
    func get(path: String) throws {
        let responder = try OCSPResponder(authority, about: credential)
        let answer = try ask("http://127.0.0.1:\(responder.port)\(path)")
        guard case .good = try credential.judge(ocspResponse: answer, now: now) else {
            Issue.record("not good")
            return
        }
    }

    @Test(
        "The request stands behind the responder's address, one slash between",
        arguments: ["", "/", "/a", "/a/"])
    func path(path: String) throws {
        let origin = try Origin { connection in
            guard connection.readHead() != nil else { return }
            connection.send("HTTP/1.0 404 Not Found\r\n\r\n")
        }
        let error = #expect(throws: OCSPError.self) {
            try ask("http://\(origin.address)\(path)", request: [0, 0, 0])
        }
        #expect(error == .unreachable("received error (code=404, reason=Not Found)"))
        let begin = path.hasSuffix("/") ? path : path + "/"
        let head = try #require(origin.heads.first)
        #expect(head.hasPrefix("GET \(begin)AAAA HTTP/1."), "\(head)")
    }

    @Test("A request goes into the address up to 255 bytes of it, and into a body beyond")
    func longRequests() throws {
        let origin = try Origin { connection in
            guard connection.readHead() != nil else { return }
            connection.send("HTTP/1.0 404 Not Found\r\n\r\n")
        }
        let url = "http://\(origin.address)/"
        let escapes = OCSPClient.escaped(OCSPClient.base64([1, 2, 3, 4])).utf8.count
        #expect(escapes == "AQIDBA%3D%3D".utf8.count)
        // Three bytes of zero are "AAAA", which needs no escape.
        let room = (255 - url.utf8.count) / 4 * 3
        for (count, method) in [(room - 3, "GET"), (room, "GET"), (room + 3, "POST")] {
            #expect(throws: OCSPError.self) {
                try ask(url, request: [UInt8](repeating: 0, count: count))
            }
            let head = try #require(origin.heads.last)
            #expect(head.hasPrefix("\(method) /"), "\(count): \(head)")
            #expect(head.contains("application/ocsp-request") == (method == "POST"))
        }
    }

    @Test(
        "An answer that is no response is an error that says so",
        arguments: [
            "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<html>a portal</html>",
            "HTTP/1.0 404 Not Found\r\n\r\n", "HTTP/1.0 500 Oops\r\n\r\n", "rubbish\r\n\r\n", "",
            "HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n\u{30}\u{7f}\u{7f}",
        ])
    func garbage(answer: String) throws {
        let origin = try Origin { connection in
            guard connection.readHead() != nil else { return }
            connection.send(answer)
        }
        #expect(throws: OCSPError.self) { try ask("http://\(origin.address)/") }
    }

    @Test(
        "A responder that says nothing is given up after the time, and so is one that is not there")
    func patience() throws {
        let silent = try Origin { connection in _ = connection.readToEnd() }
        for address in [silent.address, try SocketAddress.vacant()] {
            let error = #expect(throws: OCSPError.self) {
                try OCSPClient.ask(
                    "http://\(address)/", request: credential.makeOCSPRequest(),
                    timeout: .seconds(1))
            }
            #expect("\(try #require(error))".contains("timeout"))
        }
    }

    @Test("Base64 is padded, and what means something in an address is escaped")
    func encoding() {
        #expect(OCSPClient.base64([]) == "")
        #expect(OCSPClient.base64([0xfb, 0xff]) == "+/8=")
        #expect(OCSPClient.escaped("+/8=") == "%2B%2F8%3D")
    }
}

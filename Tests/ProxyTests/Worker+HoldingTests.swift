import Config
import Platform
import TestSupport
import Testing

@testable import Proxy

/// Requests that no server has taken a connection of, and that wait for one.
@Suite("Worker+Holding", .serialized)
struct WorkerHoldingTests {
    private static let post = head("POST /it HTTP/1.1", "Host: localhost", "Content-Length: 4")

    @Test(
        "A request is served when a server is back within the wait, whatever its method",
        arguments: [HoldingScene.get("/it"), post + "body"])
    func served(request: String) throws {
        let server = try HoldingScene.vacant()
        let scene = try HoldingScene(HoldingScene.setup([server]))
        let peer = try scene.hold(1, request)
        scene.driven.advance(by: .milliseconds(900))
        try scene.wait(held: 1)
        try scene.open(server)
        scene.driven.advance(by: .milliseconds(100) - .nanoseconds(1))
        #expect(try scene.held == 1)
        scene.driven.advance(by: .milliseconds(50))
        let reply = try scene.reply(peer)
        #expect(reply.status == 200)
        #expect(reply.body.hasSuffix(request == WorkerHoldingTests.post + "body" ? "body" : "\n"))
        #expect(scene.heads.count == 1)
        #expect(try scene.held == 0)
    }
}

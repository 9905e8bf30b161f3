import Bytes
import Foundation
import Platform
import TestSupport
import Testing

@testable import Proxy

/// What a client sends behind a request that has not ended.
@Suite("Worker+Exchange+Pipeline", .serialized)
struct WorkerExchangePipelineTests {
    /// The kernel tells of it once: at a time when nothing was read, since the server's buffer was
    /// full.
    @Test(
        "A request that was left in the kernel is read when the one before it ends early",
        arguments: [(true, 413), (false, 502)])
    func leftInKernel(isAnswered: Bool, status: Int) throws {
        let taken = DispatchSemaphore(value: 0)
        let end = DispatchSemaphore(value: 0)
        let origin = try Origin { connection in
            guard let request = connection.readHead() else { return }
            guard request.hasPrefix("POST ") else {
                connection.send(WorkerExchangeTests.ok)
                _ = connection.readHead()
                return
            }
            _ = connection.read(4)
            taken.signal()
            end.wait()
            if isAnswered {
                connection.send(head("HTTP/1.1 413 Content Too Large", "Content-Length: 0"))
                _ = connection.readToEnd()
            } else {
                connection.resetAtEnd()
            }
        }
        let driven = try DrivenWorker(origin.address)
        let peer = try Peer(driven.address)
        try peer.send(head("POST / HTTP/1.1", "Host: localhost", "Content-Length: 4") + "four")
        try driven.turn("a request") { taken.wait(timeout: .now()) == .success }
        let connection = try #require(driven.worker.downstreams.element(at: 0))
        let upstream = try #require(driven.upstream)
        // As if the server had taken only the begin of a longer body, all of which is here.
        let rest = [UInt8](repeating: 120, count: 65_536)
        upstream.canWrite = false
        upstream.outbound.append(rest.span)
        try peer.send(WorkerExchangeTests.get)
        try driven.turn("another request") { connection.canRead }
        let unread = connection.inbound.count
        #expect(unread == 0)
        end.signal()
        try driven.turn(untilInputFor: peer)
        #expect(try peer.reply().status == status)
        try driven.turn(untilInputFor: peer)
        let reply = try peer.reply()
        #expect(reply.status == 200)
        #expect(reply.body == "ok")
    }
}

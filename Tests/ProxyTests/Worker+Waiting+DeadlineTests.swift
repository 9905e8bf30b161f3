import Config
import Platform
import TestSupport
import Testing

@testable import Proxy

/// Deadlines of those who wait for a server, wherever in the line they stand.
@Suite("Worker+Waiting+Deadline", .serialized)
struct WorkerWaitingDeadlineTests {
    private static let queue = "martlet_upstream_queue"

    /// Only the first of the line was looked at.
    @Test("Who comes back to the line behind later ones is told at its own deadline")
    func returned() throws {
        let gate = try GatedOrigin(dropping: "/1")
        let limits = BackendLimitConfig(requests: 1, queue: 5, queueTimeout: .seconds(1_000))
        let (worker, address) = try RunningWorker.serving(
            [gate.address],
            BackendPolicy(
                timeouts: BackendTimeoutConfig(firstByte: .seconds(1_000_000)), limits: limits))
        func waiting(_ count: Int) throws {
            try Deadline.wait("\(count) in the line") {
                try worker.sample(WorkerWaitingDeadlineTests.queue, "group0") == count
            }
        }
        var peers: [Peer] = []
        func ask(_ index: Int) throws {
            peers.append(try Peer(address))
            try peers[index].send(head("GET /\(index) HTTP/1.1", "Host: localhost"))
        }
        try ask(0)
        try gate.wait(1)
        try ask(1)
        try waiting(1)
        // Without an install, which would begin another part of the line.
        worker.clock.advance(by: .seconds(500))
        for index in 2...3 {
            try ask(index)
            try waiting(index)
        }
        // The connection of the first dies under the second, who goes behind the others.
        gate.letGo(2)
        #expect(try peers[0].reply().body == "/0")
        try gate.wait(3)
        #expect(gate.paths == ["/0", "/1", "/2"])
        try waiting(2)
        try worker.advance(by: .seconds(490))
        #expect(!peers[1].hasInput(within: .zero))
        try worker.advance(by: .seconds(11))
        #expect(try peers[1].reply().status == 503)
        try waiting(1)
        gate.letGo(2)
        for index in 2...3 { #expect(try peers[index].reply().body == "/\(index)") }
        try worker.stop()
    }
}

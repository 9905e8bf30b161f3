import Config
import Dispatch
import HTTP
import Platform
import TestSupport
import Testing

@testable import Proxy

/// Places in the line of a backend: whoever stands in front holds up nobody.
@Suite("Worker+Waiting+Places", .serialized)
struct WorkerWaitingPlacesTests {
    private static let get = head("GET / HTTP/1.1", "Host: localhost")
    private static let queue = "martlet_upstream_queue"
    private static let limits = "martlet_upstream_limits_total"

    private static func policy(queue: Int) -> BackendPolicy {
        BackendPolicy(
            timeouts: BackendTimeoutConfig(firstByte: .seconds(1_000_000)),
            limits: BackendLimitConfig(
                requests: 1, queue: queue, queueTimeout: .seconds(1_000)))
    }

    /// A server that answers each request when `open` is signalled, and tells of it by `asked`.
    private func gate(_ asked: DispatchSemaphore, _ open: DispatchSemaphore) throws -> Origin {
        try Origin { connection in
            while connection.readHead() != nil {
                asked.signal()
                open.wait()
                connection.send(head("HTTP/1.1 200 OK", "Content-Length: 2") + "ok")
            }
        }
    }

    /// It waited for a server that it had not tried, while one that it had tried was free.
    @Test("Whoever waits may have a server that has failed him before, once it is back")
    func triedAgain() throws {
        let asked = DispatchSemaphore(value: 0)
        let open = DispatchSemaphore(value: 0)
        let origin = try gate(asked, open)
        let (worker, address) = try RunningWorker.serving(
            [try SocketAddress.vacant(), origin.address],
            WorkerWaitingPlacesTests.policy(queue: 5))
        let first = try Peer(address)
        try first.send(WorkerWaitingPlacesTests.get)
        asked.wait()
        try worker.advance(by: .seconds(3))
        let second = try Peer(address)
        try second.send(WorkerWaitingPlacesTests.get)
        try Deadline.wait("one in the line") {
            try worker.sample(WorkerWaitingPlacesTests.queue, "group0") == 1
        }
        try worker.advance(by: .seconds(3))
        #expect(try second.reply().status == 503)
        #expect(try worker.sample(WorkerWaitingPlacesTests.limits, "queue_timeout") == 0)
        open.signal()
        #expect(try first.reply().status == 200)
        try worker.stop()
    }

    /// Each time in the line began anew, so that a request could wait for many times its patience.
    @Test("Whoever comes to the line a second time has only what is left of its patience")
    func patience() throws {
        let open = DispatchSemaphore(value: 0)
        let origin = try Origin { connection in
            while let request = connection.readHead(), !request.hasPrefix("GET /cut ") {
                open.wait()
                connection.send(head("HTTP/1.1 200 OK", "Content-Length: 2") + "ok")
            }
        }
        let (worker, address) = try RunningWorker.serving(
            [origin.address], WorkerWaitingPlacesTests.policy(queue: 5))
        func wait(_ paths: [String], queue: Int) throws {
            try Deadline.wait("\(paths), not \(origin.heads)") {
                try origin.heads.map { String($0.split(separator: " ")[1]) } == paths
                    && worker.sample(WorkerWaitingPlacesTests.queue, "group0") == queue
            }
        }
        let peers = try (0..<3).map { _ in try Peer(address) }
        for (index, path) in ["/first", "/cut", "/last"].enumerated() {
            try peers[index].send(head("GET \(path) HTTP/1.1", "Host: localhost"))
            try wait(["/first"], queue: index)
        }
        try worker.advance(by: .seconds(600))
        open.signal()
        #expect(try peers[0].reply().status == 200)
        // The connection that it was given died, and the next one has the place: it waits again.
        try wait(["/first", "/cut", "/last"], queue: 1)
        try worker.advance(by: .seconds(390))
        #expect(!peers[1].hasInput(within: .zero))
        try worker.advance(by: .seconds(11))
        #expect(try peers[1].reply().status == 503)
        #expect(try worker.sample(WorkerWaitingPlacesTests.limits, "queue_timeout") == 1)
        open.signal()
        #expect(try peers[2].reply().status == 200)
        try worker.stop()
    }

    @Test("Who waits counts over a reload")
    func reload() throws {
        let asked = DispatchSemaphore(value: 0)
        let open = DispatchSemaphore(value: 0)
        let origin = try gate(asked, open)
        let (worker, address) = try RunningWorker.serving(
            [origin.address], WorkerWaitingPlacesTests.policy(queue: 1))
        let peers = try (0..<3).map { _ in try Peer(address) }
        try peers[0].send(WorkerWaitingPlacesTests.get)
        asked.wait()
        try peers[1].send(WorkerWaitingPlacesTests.get)
        try Deadline.wait("one in the line") {
            try worker.sample(WorkerWaitingPlacesTests.queue, "group0") == 1
        }
        try worker.settle()
        try peers[2].send(WorkerWaitingPlacesTests.get)
        #expect(try peers[2].reply().status == 503)
        #expect(try worker.sample(WorkerWaitingPlacesTests.limits, "queue") == 1)
        for _ in 0..<2 { open.signal() }
        for index in 0..<2 { #expect(try peers[index].reply().status == 200) }
        try worker.stop()
    }
}

import Bytes
import Testing

@testable import Platform

@Suite struct SocketTests {
    @Test("A queue is sent, keeps what the kernel did not take, and gives its memory back")
    func drains() throws {
        let pair = try SocketPair()
        var queue = ByteQueue()
        let nothing = pair.near.drain(&queue)
        #expect(nothing == .emptied(0))
        queue.append([UInt8](repeating: 1, count: 1_000).span)
        let all = pair.near.drain(&queue)
        let memory = queue.capacity
        #expect(all == .emptied(1_000) && memory == 0)

        queue.append([UInt8](repeating: 2, count: 8 << 20).span)
        guard case .full(let taken) = pair.near.drain(&queue) else {
            Issue.record("the kernel takes everything")
            return
        }
        let left = queue.count
        #expect(taken > 0 && left == (8 << 20) - taken)
        let more = pair.near.drain(&queue)
        #expect(more == .full(0))
    }

    @Test("A queue whose reader is gone says so")
    func fails() throws {
        let near: Socket
        do {
            let pair = try SocketPair()
            near = pair.take()
        }
        var queue = ByteQueue()
        queue.append(1)
        let outcome = near.drain(&queue)
        #expect(outcome == .failed)
    }

    /// One segment less, and the peer is not woken a second time for the end alone.
    @Test("The last bytes wait for the end, and travel with it")
    func lastBytes() throws {
        let listener = try Socket.listen(
            on: try #require(SocketAddress("127.0.0.1:0")), reusePort: false, backlog: 1)
        let address = listener.localAddress()
        let far = try Socket.connectBlocking(
            to: try #require(address), timeout: .seconds(20))
        let outcome = listener.accept()
        guard case .accepted(let near, _) = consume outcome else {
            Issue.record("nobody has connected")
            return
        }
        var queue = ByteQueue()
        queue.append([UInt8](repeating: 1, count: 1_000).span)
        let began = MonotonicTime.now()
        let sent = near.drain(&queue, isLast: true)
        #expect(sent == .emptied(1_000))
        // Whoever sends without the flag has delivered by now: the kernel does that on the way.
        // After 200 ms it would deliver these, too.
        let isSilent = Poll.wait([far.rawDescriptor], timeout: .zero) == [false]
        #expect(isSilent || MonotonicTime.now() - began > .milliseconds(100))
        // What comes and is not read makes the close a reset, which must not cost the bytes.
        _ = far.send([1].span)
        near.shutdownWrite()
        _ = consume near
        var received = ByteQueue()
        let first = far.receive(into: &received, atMost: 2_000)
        let second = far.receive(into: &received, atMost: 2_000)
        #expect(first == .bytes(1_000) && second == .endOfStream)
    }
}

extension SocketPair {
    /// The near side; the far one closes.
    fileprivate consuming func take() -> Socket { near }
}

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
}

extension SocketPair {
    /// The near side; the far one closes.
    fileprivate consuming func take() -> Socket { near }
}

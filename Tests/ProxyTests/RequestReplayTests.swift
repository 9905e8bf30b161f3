import Bytes
import Testing

@testable import Proxy

@Suite("RequestReplay")
struct RequestReplayTests {
    private static func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    }

    @Test("A body is kept up to its limit, and not at all beyond", arguments: [9, 10, 11])
    func limit(count: Int) {
        var replay = RequestReplay(buffers: BufferPool())
        replay.begin(limit: 10)
        let body = RequestReplayTests.bytes(count)
        let first = replay.keep(body.span.extracting(0..<4))
        let second = replay.keep(body.span.extracting(4...))
        #expect(first)
        #expect(second == (count <= 10))
        #expect(Array(copying: replay.bytes.bytes) == (count <= 10 ? body : []))
        let third = replay.keep([1].span)
        #expect(third == (count < 10))
    }

    @Test("What is kept is given again, piece by piece, as often as asked")
    func pieces() {
        var replay = RequestReplay(buffers: BufferPool())
        replay.begin(limit: 100)
        let body = RequestReplayTests.bytes(10)
        _ = replay.keep(body.span)
        let untaken = replay.remaining
        #expect(untaken == 0)
        for size in [1, 3, 10] {
            replay.rewind()
            var output = ByteQueue()
            while replay.remaining > 0 { replay.take(min(size, replay.remaining), to: &output) }
            #expect(Array(copying: output.bytes) == body)
        }
    }

    @Test("What comes behind a replayed part is kept behind it")
    func continued() {
        var replay = RequestReplay(buffers: BufferPool())
        replay.begin(limit: 100)
        let body = RequestReplayTests.bytes(10)
        _ = replay.keep(body.span.extracting(0..<6))
        replay.rewind()
        var output = ByteQueue()
        replay.take(6, to: &output)
        _ = replay.keep(body.span.extracting(6...))
        let left = replay.remaining
        #expect(left == 0)
        #expect(Array(copying: replay.bytes.bytes) == body)
    }

    @Test("Nothing is kept unless asked for")
    func idle() {
        var replay = RequestReplay(buffers: BufferPool())
        let kept = replay.keep([1].span)
        #expect(!kept)
        replay.begin(limit: 5)
        _ = replay.keep([1].span)
        replay.drop()
        let again = replay.keep([2].span)
        let isEmpty = replay.bytes.isEmpty
        #expect(!again && isEmpty)
    }
}

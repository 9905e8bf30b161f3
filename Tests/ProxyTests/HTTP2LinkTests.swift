import Bytes
import HTTP
import Testing

@testable import Proxy

struct HTTP2LinkTests {
    @Test(
        "What is reserved for a turn's records fits the blocks that are kept",
        arguments: [(0, 4_096), (4, 73_728), (8, 139_264), (16, 286_720)])
    func blocks(_ records: Int, _ size: Int) {
        let bytes = HTTP2Link.sealedTurn(of: records * HTTP2Link.sealedPiece)
        #expect(bytes >= records * RecordSizer.sealedBytes)
        let pool = BufferPool()
        var queue = ByteQueue(pool: pool)
        queue.reserve(bytes)
        let capacity = queue.capacity
        #expect(capacity == size)
    }

    @Test("Frames of one stream that follow each other are settled once")
    func pulled() throws {
        let exchanges = (0..<2).map { _ in
            Exchange(limits: MessageLimits(), buffers: BufferPool())
        }
        var pulled = PulledExchanges()
        for (stream, settled) in [(0, 1), (0, 1), (1, 2), (1, 2), (0, 3)] {
            pulled.note(exchanges[stream])
            #expect(pulled.count == settled)
            #expect(pulled[settled - 1] === exchanges[stream])
        }
        pulled.removeAll()
        #expect(pulled.count == 0)
    }
}

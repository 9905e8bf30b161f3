import Bytes
import Platform
import Telemetry
import Testing

@testable import Proxy

@Suite("UpstreamPool")
struct UpstreamPoolTests {
    static let start = MonotonicTime(nanoseconds: 1_000_000_000)

    /// A pool of a server that nobody connects to.
    static func pool(_ name: String = "127.0.0.1:9") -> UpstreamPool {
        let registry = MetricsRegistry()
        return UpstreamPool(
            plan: ServerPlan(
                name: name, address: .ipv4(0x7f00_0001, port: 9),
                label: registry.server(backend: "b", server: name)))
    }

    private func connection(_ number: UInt32, in pool: UpstreamPool) throws -> UpstreamConnection {
        let socket = try Socket.listen(
            on: .ipv4(0x7f00_0001, port: 0), reusePort: false, backlog: 1)
        return UpstreamConnection(
            id: SlotID(index: number, generation: 0), socket: socket, pool: pool,
            buffers: BufferPool(), now: UpstreamPoolTests.start)
    }

    @Test("The connection used last is taken first, so that the others age out")
    func newestFirst() throws {
        let pool = UpstreamPoolTests.pool()
        for number in 0..<3 {
            #expect(pool.checkIn(try connection(UInt32(number), in: pool), limit: 3))
        }
        #expect((0..<4).map { _ in pool.checkOut()?.id.index } == [2, 1, 0, nil])
    }

    @Test("A pool keeps as many as it may, and no more", arguments: [0, 1, 2, 3])
    func bound(limit: Int) throws {
        let pool = UpstreamPoolTests.pool()
        for number in 0...limit {
            let isKept = pool.checkIn(try connection(UInt32(number), in: pool), limit: limit)
            #expect(isKept == (number < limit))
        }
        #expect(pool.idle.count == limit)
    }

    @Test("A connection that belongs to a client takes nobody's place, and is nobody else's")
    func owned() throws {
        let pool = UpstreamPoolTests.pool()
        var kept: [Bool] = []
        for number in 0..<4 {
            let connection = try connection(UInt32(number), in: pool)
            if number > 1 { connection.owner = SlotID(index: 9, generation: 0) }
            kept.append(pool.checkIn(connection, limit: 1))
        }
        #expect(kept == [true, false, true, false])
        #expect(pool.checkOut()?.id.index == 0)
        #expect(pool.checkOut() == nil)
        let own = try #require(pool.owned.first)
        #expect(own.id.index == 2)
        pool.forget(own)
        #expect(pool.owned.isEmpty)
    }

    @Test("A pool that no snapshot names keeps nothing")
    func retired() throws {
        let pool = UpstreamPoolTests.pool()
        pool.isRetired = true
        #expect(pool.checkIn(try connection(0, in: pool), limit: 9) == false)
    }

    @Test("A connection that is closed in the pool is never taken out", arguments: [0, 1, 2])
    func forget(number: Int) throws {
        let pool = UpstreamPoolTests.pool()
        let connections = try (0..<3).map { try connection(UInt32($0), in: pool) }
        for connection in connections { _ = pool.checkIn(connection, limit: 3) }
        pool.forget(connections[number])
        pool.forget(connections[number])
        let left = (0..<3).filter { $0 != number }.reversed().map { UInt32($0) }
        #expect((0..<2).compactMap { _ in pool.checkOut()?.id.index } == left)
        #expect(pool.checkOut() == nil)
    }
}

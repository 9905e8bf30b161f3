import Bytes
import Config
import HTTP
import Platform
import Testing

@testable import Proxy

@Suite("ServerLoad")
struct ServerLoadTests {
    private let old = UpstreamPoolTests.pool()

    private func shared(_ pool: UpstreamPool) throws -> UpstreamConnection {
        let socket = try Socket.listen(
            on: .ipv4(0x7f00_0001, port: 0), reusePort: false, backlog: 1)
        let connection = UpstreamConnection(
            id: SlotID(index: 0, generation: 0), socket: socket, pool: pool,
            buffers: BufferPool(), now: UpstreamPoolTests.start)
        connection.link = UpstreamLink(session: try HTTP2Session(role: .client, milliseconds: 0))
        pool.add(connection)
        pool.load.openCount += 1
        return connection
    }

    @Test("A request that a pool has before is one less for the next", arguments: [0, 1, 2, 3])
    func requests(limit: Int) {
        let new = UpstreamPool(plan: old.plan, load: old.load)
        new.limits.requests = limit
        for _ in 0..<2 { old.began() }
        #expect(new.outstanding == 2)
        #expect(new.hasRoom == (limit > 2))
        old.ended(sentAt: nil, firstByteAt: nil, now: UpstreamPoolTests.start)
        #expect(new.hasRoom == (limit > 1))
    }

    @Test("A connection of another pool counts, until it begins no stream any more")
    func connections() throws {
        let new = UpstreamPool(plan: old.plan, load: old.load)
        new.limits.connections = 2
        let connections = [try shared(old), try shared(old)]
        #expect(!new.mayConnect && !new.hasRoom)
        for isLeaving in [true, true, false, true] {
            connections[0].link?.isLeaving = isLeaving
            #expect(new.mayConnect == isLeaving)
        }
        // What is closed counts no more, whatever is said of it then.
        old.forget(connections[0])
        new.load.openCount -= 1
        #expect(new.mayConnect)
        #expect(new.load.leavingCount == 0)
        connections[0].link?.isLeaving = false
        connections[0].link?.isLeaving = true
        #expect(new.load.leavingCount == 0 && new.load.isInUse)
        old.forget(connections[1])
        new.load.openCount -= 1
        #expect(new.load.leavingCount == 0 && !new.load.isInUse)
    }
}

import Bytes
import HTTP
import Platform
import Testing

@testable import Proxy

@Suite("InstalledSnapshot")
struct InstalledSnapshotTests {
    static let start = UpstreamPoolTests.start

    private func installed(_ servers: Int) throws -> (InstalledSnapshot, [UpstreamPool]) {
        let pools = (0..<servers).map { UpstreamPoolTests.pool("s\($0)") }
        let group = UpstreamGroup(name: "b", servers: pools.map(\.plan))
        let snapshot = RuntimeSnapshotTests.snapshot(groups: [group]) { _ in }
        return (InstalledSnapshot(snapshot: snapshot, pools: [pools]), pools)
    }

    private func picks(_ count: Int, _ installed: InstalledSnapshot, at time: MonotonicTime)
        -> [String]
    {
        (0..<count).map { _ in
            let exchange = Exchange(limits: MessageLimits(), buffers: BufferPool())
            return installed.pick(group: 0, for: exchange, now: time)?.plan.name ?? "none"
        }
    }

    @Test("Servers take turns", arguments: [1, 2, 3])
    func turns(servers: Int) throws {
        let (installed, pools) = try installed(servers)
        let names = pools.map(\.plan.name)
        #expect(
            picks(2 * servers, installed, at: InstalledSnapshotTests.start) == names + names)
    }

    @Test("A server that refused is passed over, and comes back when its time is over")
    func health() throws {
        let (installed, pools) = try installed(3)
        let start = InstalledSnapshotTests.start
        pools[1].standing.avoid(now: start)
        #expect(picks(4, installed, at: start) == ["s0", "s2", "s0", "s2"])
        let before = start + ServerStanding.avoidance + .nanoseconds(-1)
        #expect(picks(2, installed, at: before) == ["s0", "s2"])
        let after = start + ServerStanding.avoidance
        #expect(picks(3, installed, at: after) == ["s0", "s1", "s2"])
    }

    @Test("Where all servers refused, they still take turns")
    func allAvoided() throws {
        let (installed, pools) = try installed(2)
        for pool in pools { pool.standing.avoid(now: InstalledSnapshotTests.start) }
        #expect(picks(4, installed, at: InstalledSnapshotTests.start) == ["s0", "s1", "s0", "s1"])
    }

    @Test("An only server is picked although it refused")
    func onlyServer() throws {
        let (installed, pools) = try installed(1)
        pools[0].standing.avoid(now: InstalledSnapshotTests.start)
        #expect(picks(2, installed, at: InstalledSnapshotTests.start) == ["s0", "s0"])
    }
}

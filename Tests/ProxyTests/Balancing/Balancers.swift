import Config
import Platform
import Telemetry

@testable import Proxy

/// A balancer in front of servers that nobody connects to, named `a`, `b` and so on.
struct TestBalancer {
    static let start = MonotonicTime(nanoseconds: 1_000_000_000_000)

    let balancer: Balancer
    let pools: [UpstreamPool]

    /// - Parameters:
    ///   - weights: of the servers.
    ///   - backups: the indices of those that are backups.
    init(
        _ config: BalancingConfig = BalancingConfig(), weights: [Int], backups: Set<Int> = [],
        seed: UInt64 = 0
    ) {
        let registry = MetricsRegistry()
        let servers = weights.enumerated().map { index, weight in
            let name =
                String(UnicodeScalar(97 + UInt8(index % 26))) + (index < 26 ? "" : "\(index)")
            var plan = ServerPlan(
                name: name, address: .ipv4(0x7f00_0001, port: 9),
                label: registry.server(backend: "b", server: name))
            plan.weight = weight
            plan.isBackup = backups.contains(index)
            return plan
        }
        pools = servers.map { UpstreamPool(plan: $0) }
        balancer = Balancer(
            BalancePlan(backend: "b", servers: servers, config), pools: pools, seed: seed)
    }

    /// The names of the next picks; `-` where there is none.
    func picks(
        _ count: Int, _ wish: ServerWish = ServerWish(), at time: MonotonicTime = start,
        isKept: Bool = false
    ) -> String {
        (0..<count).map { _ in
            guard let index = balancer.pick(wish, now: time) else { return "-" }
            if isKept { pools[index].began() }
            return pools[index].plan.name
        }.joined()
    }

    /// How many of the next picks each server gets.
    func shares(_ count: Int, _ wish: ServerWish = ServerWish(), at time: MonotonicTime = start)
        -> [Int]
    {
        var shares = [Int](repeating: 0, count: pools.count)
        for _ in 0..<count {
            if let index = balancer.pick(wish, now: time) { shares[index] += 1 }
        }
        return shares
    }

    /// Says something of a server.
    func tell(_ index: Int, _ change: (inout ServerStanding) -> Void) {
        change(&pools[index].standing)
    }

    /// Lets a server have so many requests under way.
    func load(_ index: Int, _ count: Int) {
        for _ in 0..<count { pools[index].began() }
    }

    /// Lets a server answer once.
    func answer(_ index: Int, after latency: Duration, at time: MonotonicTime = start) {
        pools[index].began()
        pools[index].ended(sentAt: time, firstByteAt: time + latency, now: time + latency)
    }
}

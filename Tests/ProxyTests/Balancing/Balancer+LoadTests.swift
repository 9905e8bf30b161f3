import Config
import Platform
import Testing

@testable import Proxy

@Suite("Balancer by load")
struct BalancerLoadTests {
    private static let start = TestBalancer.start

    // MARK: - Least connections

    @Test(
        "The server with the fewest requests for its weight is next",
        arguments: [
            ([1, 1, 1], [0, 0, 0], "abc"), ([1, 1, 1], [2, 0, 1], "bbc"),
            ([1, 1], [5, 0], "bbbbb"), ([3, 1], [0, 0], "abaaa"), ([1, 4], [1, 3], "bba"),
        ] as [([Int], [Int], String)])
    func leastConnections(weights: [Int], loads: [Int], picks: String) {
        let test = TestBalancer(BalancingConfig(method: .leastConnections), weights: weights)
        for (index, load) in loads.enumerated() { test.load(index, load) }
        #expect(test.picks(picks.count, isKept: true) == picks)
    }

    @Test("Many requests under way are as many as the weights say")
    func leastConnectionsInAll() {
        let test = TestBalancer(BalancingConfig(method: .leastConnections), weights: [4, 2, 1])
        _ = test.picks(700, isKept: true)
        let loads = test.pools.map(\.outstanding)
        #expect(abs(loads[0] - 400) <= 4 && abs(loads[1] - 200) <= 4 && abs(loads[2] - 100) <= 4)
    }

    @Test("Servers without requests take turns, those that are out do not")
    func idle() {
        let test = TestBalancer(BalancingConfig(method: .leastConnections), weights: [1, 1, 1])
        #expect(test.picks(6) == "abcabc")
        test.tell(1) { $0.isDrained = true }
        #expect(!test.picks(9).contains("b"))
    }

    @Test("A server that starts does not get every request for want of any")
    func leastConnectionsSlowStart() {
        let test = TestBalancer(
            BalancingConfig(method: .leastConnections, slowStart: .seconds(30)), weights: [1, 1])
        test.tell(1) { $0.risenAt = BalancerLoadTests.start }
        test.load(0, 5)
        #expect(test.picks(1) == "a")
        test.load(0, 10)
        #expect(test.picks(1) == "b")
    }

    // MARK: - Two choices

    @Test("Of two servers the one with less to do is taken")
    func powerOfTwo() {
        let test = TestBalancer(BalancingConfig(method: .powerOfTwo), weights: [1, 1])
        test.load(0, 3)
        #expect(test.picks(3) == "bbb")
        test.load(1, 9)
        #expect(test.picks(3) == "aaa")
    }

    @Test("A server that answers late is taken less, until that is long ago")
    func latency() {
        let test = TestBalancer(BalancingConfig(method: .powerOfTwo), weights: [1, 1])
        test.answer(0, after: .milliseconds(100))
        test.answer(1, after: .milliseconds(1))
        let now = BalancerLoadTests.start + .milliseconds(100)
        #expect(test.picks(3, at: now) == "bbb")
        test.load(1, 50)
        #expect(test.picks(3, at: now) == "bbb")
        test.load(1, 60)
        #expect(test.picks(3, at: now) == "aaa")
    }

    @Test("Requests spread over many servers without a large one")
    func spread() {
        let test = TestBalancer(
            BalancingConfig(method: .powerOfTwo), weights: Array(repeating: 1, count: 50))
        _ = test.picks(5_000, isKept: true)
        for pool in test.pools { #expect(abs(pool.outstanding - 100) <= 5) }
    }

    @Test("Heavier servers carry more, and those that are out nothing")
    func weights() {
        let test = TestBalancer(BalancingConfig(method: .powerOfTwo), weights: [3, 1, 1])
        test.tell(2) { $0.isCheckedDown = true }
        _ = test.picks(400, isKept: true)
        #expect(abs(test.pools[0].outstanding - 300) <= 4)
        #expect(test.pools[2].outstanding == 0)
    }

    // MARK: - Hashing

    private static let hashed = BalancingConfig(method: .hash(.clientAddress))

    private static func owners(_ test: TestBalancer) -> [String] {
        (0..<2_000).map { test.picks(1, ServerWish(key: StableHash.of("client\($0)"))) }
    }

    @Test("A key keeps its server, and each server has its share of them")
    func keys() {
        let test = TestBalancer(BalancerLoadTests.hashed, weights: [1, 1, 1])
        let owners = BalancerLoadTests.owners(test)
        #expect(owners == BalancerLoadTests.owners(test))
        for name in ["a", "b", "c"] {
            #expect(abs(owners.filter { $0 == name }.count - 667) < 170)
        }
    }

    @Test("Only the keys of a server that is out go elsewhere, and they come back")
    func failure() {
        let test = TestBalancer(BalancerLoadTests.hashed, weights: [1, 1, 1, 1])
        let before = BalancerLoadTests.owners(test)
        test.tell(1) { $0.isCheckedDown = true }
        for (old, new) in zip(before, BalancerLoadTests.owners(test)) {
            #expect(old == "b" ? new != "b" : new == old)
        }
        test.tell(1) { $0.isCheckedDown = false }
        #expect(BalancerLoadTests.owners(test) == before)
    }

    @Test("A retry of a key goes to another server, always to the same")
    func retry() {
        let test = TestBalancer(BalancerLoadTests.hashed, weights: [1, 1, 1])
        let key = StableHash.of("someone")
        let first = test.balancer.pick(ServerWish(key: key), now: BalancerLoadTests.start) ?? 9
        let wish = ServerWish(key: key, tried: 1 << UInt64(first))
        let second = test.picks(1, wish)
        #expect(second != test.pools[first].plan.name)
        #expect(test.picks(3, wish) == second + second + second)
    }

    @Test("One key that everybody asks for fills no server beyond a quarter over the mean")
    func bound() {
        let test = TestBalancer(BalancerLoadTests.hashed, weights: [1, 1, 1, 1])
        let wish = ServerWish(key: StableHash.of("hot"))
        #expect(Set(test.picks(Balancer.freeLoad, wish, isKept: true)).count == 1)
        _ = test.picks(400 - Balancer.freeLoad, wish, isKept: true)
        for pool in test.pools { #expect(pool.outstanding <= 125) }
        #expect(test.balancer.load.outstanding == 400)
    }

    @Test("The bound follows the servers that are there")
    func boundOfSome() {
        let test = TestBalancer(BalancerLoadTests.hashed, weights: [1, 1, 2])
        test.tell(0) { $0.isDrained = true }
        let wish = ServerWish(key: StableHash.of("hot"))
        _ = test.picks(300, wish, isKept: true)
        #expect(test.pools[1].outstanding <= 125)
        #expect(test.pools[2].outstanding <= 250)
        #expect(test.pools[0].outstanding == 0)
    }

    @Test("A request without a key takes its turn")
    func withoutKey() {
        let test = TestBalancer(BalancerLoadTests.hashed, weights: [1, 1, 1])
        #expect(test.picks(6) == "abcabc")
    }

    @Test("A server that starts takes a tenth of its keys, and always the same")
    func hashedSlowStart() {
        let test = TestBalancer(
            BalancingConfig(method: .hash(.clientAddress), slowStart: .seconds(30)),
            weights: [1, 1])
        let before = BalancerLoadTests.owners(test)
        test.tell(1) { $0.risenAt = BalancerLoadTests.start }
        let after = BalancerLoadTests.owners(test)
        #expect(after == BalancerLoadTests.owners(test))
        let kept = zip(before, after).filter { $0 == "b" && $1 == "b" }.count
        let all = before.filter { $0 == "b" }.count
        #expect(abs(Double(kept) / Double(all) - 0.1) < 0.05)
        for (old, new) in zip(before, after) where old == "a" { #expect(new == "a") }
    }

    @Test("What is under way is known to the next snapshot, too")
    func handover() {
        let test = TestBalancer(BalancerLoadTests.hashed, weights: [1, 1])
        test.load(0, 3)
        let next = Balancer(test.balancer.plan, pools: test.pools, seed: 1)
        #expect(next.load.outstanding == 3)
        test.pools[0].ended(sentAt: nil, firstByteAt: nil, now: BalancerLoadTests.start)
        #expect(next.load.outstanding == 2)
        #expect(test.pools[0].outstanding == 2)
    }
}

import Config
import Platform
import Testing

@testable import Proxy

@Suite("Balancer")
struct BalancerTests {
    private static let start = TestBalancer.start

    @Test(
        "Servers take turns by their weights, smoothly",
        arguments: [
            ([1, 1, 1], "abcabc"), ([5, 1, 1], "aabacaa"), ([2, 1], "abaaba"), ([0, 1], "bb"),
        ])
    func turns(weights: [Int], picks: String) {
        #expect(TestBalancer(weights: weights).picks(picks.count) == picks)
    }

    @Test("A server that does not accept leaves the others their shares among themselves")
    func skipping() {
        let test = TestBalancer(weights: [3, 2, 1])
        test.tell(1) { $0.isCheckedDown = true }
        #expect(test.shares(400) == [300, 0, 100])
        test.tell(1) { $0.isCheckedDown = false }
        #expect(test.shares(600) == [300, 200, 100])
    }

    @Test("Where the heaviest servers are out, the rest takes turns")
    func heavyOut() {
        let test = TestBalancer(weights: [256, 1, 1])
        test.tell(0) { $0.isDrained = true }
        let shares = test.shares(600)
        #expect(shares[0] == 0)
        #expect(shares[1] > 200 && shares[2] > 200)
    }

    @Test("Backups are used only where no other server accepts, also when they are lighter")
    func backups() {
        let test = TestBalancer(weights: [1, 1, 3, 1], backups: [2, 3])
        #expect(test.picks(4) == "abab")
        test.tell(0) { $0.isCheckedDown = true }
        #expect(test.picks(3) == "bbb")
        test.tell(1) { $0.avoid(now: BalancerTests.start) }
        #expect(test.picks(8) == "ccdcccdc")
        let later = BalancerTests.start + .seconds(2)
        #expect(test.picks(2, at: later) == "bb")
    }

    @Test("A request that failed gets another server, a backup too, before one again")
    func tried() {
        let test = TestBalancer(weights: [1, 1, 1], backups: [2])
        #expect(test.picks(2, ServerWish(tried: 0b001)) == "bb")
        #expect(test.picks(2, ServerWish(tried: 0b011)) == "cc")
        let shares = test.shares(100, ServerWish(tried: 0b111))
        #expect(shares == [50, 50, 0])
    }

    @Test("Where none accepts, those that are only avoided are tried")
    func lastResort() {
        let test = TestBalancer(weights: [1, 1, 1])
        test.tell(0) { $0.isCheckedDown = true }
        test.tell(1) { $0.isDrained = true }
        test.tell(2) { $0.avoid(now: BalancerTests.start) }
        #expect(test.picks(2) == "cc")
        #expect(test.picks(2, ServerWish(tried: 0b100)) == "cc")
        test.tell(2) { $0.isDrained = true }
        #expect(test.picks(1) == "-")
    }

    @Test("Who is down and may be back is tried only where no other is left", arguments: [0, 1])
    func mayBeBack(backup: Int) {
        let test = TestBalancer(weights: [1, 1, 1], backups: [backup])
        test.tell(0) {
            $0.isCheckedDown = true
            $0.mayBeBack = true
        }
        test.tell(1) { $0.avoid(now: BalancerTests.start) }
        test.tell(2) { $0.ejectedUntil = BalancerTests.start + .seconds(1) }
        #expect(test.shares(100)[0] == 0)
        // Each once, and from the beginning when all have had the request.
        #expect(test.picks(2, ServerWish(tried: 0b100)) == "bb")
        #expect(test.picks(2, ServerWish(tried: 0b110)) == "aa")
        #expect(test.shares(100, ServerWish(tried: 0b111))[0] == 0)
        test.tell(2) { $0.isDrained = true }
        #expect(test.picks(2) == "bb")
        test.tell(1) { $0.isCheckedDown = true }
        #expect(test.picks(2) == "aa")
        #expect(test.picks(2, ServerWish(tried: 0b001)) == "aa")
        test.tell(0) { $0.mayBeBack = false }
        #expect(test.picks(1) == "-")
    }

    @Test("More servers than are remembered are picked all the same")
    func many() {
        let test = TestBalancer(weights: Array(repeating: 1, count: 100))
        let shares = test.shares(360, ServerWish(tried: .max))
        #expect(shares.prefix(64).allSatisfy { $0 == 0 })
        #expect(shares.dropFirst(64).allSatisfy { $0 == 10 })
    }

    @Test("Workers begin with different servers")
    func seeds() {
        let firsts = (0..<4).map { TestBalancer(weights: [1, 1, 1, 1], seed: $0).picks(1) }
        #expect(firsts == ["a", "c", "a", "d"])
    }

    @Test("A client stays with the server of its cookie, drained or without weight or not")
    func held() {
        let test = TestBalancer(weights: [1, 1, 0])
        #expect(test.picks(2, ServerWish(held: 1)) == "bb")
        #expect(test.picks(2, ServerWish(held: 2)) == "cc")
        test.tell(1) { $0.isDrained = true }
        #expect(test.picks(2, ServerWish(held: 1)) == "bb")
        #expect(test.picks(2) == "aa")
        test.tell(1) { $0.isCheckedDown = true }
        #expect(test.picks(2, ServerWish(held: 1)) == "aa")
    }

    @Test(
        "A server that has risen gets its share by and by, from a tenth on",
        arguments: [-5, 0, 15, 29, 30, 60])
    func slowStart(seconds: Int) {
        let test = TestBalancer(BalancingConfig(slowStart: .seconds(30)), weights: [1, 1])
        test.tell(1) { $0.risenAt = BalancerTests.start }
        let shares = test.shares(1_000, at: BalancerTests.start + .seconds(seconds))
        // Of its turns, half of the places, it takes its share; the other server takes the rest.
        let part = max(0.1, min(1, 0.1 + 0.9 * Double(seconds) / 30))
        let expected = 1_000 * part / (1 + part)
        #expect(abs(Double(shares[1]) - expected) < 12)
    }

    @Test("An only server gets everything from the beginning")
    func onlyStarting() {
        let test = TestBalancer(BalancingConfig(slowStart: .seconds(30)), weights: [1])
        test.tell(0) { $0.risenAt = BalancerTests.start }
        #expect(test.picks(3) == "aaa")
    }

    @Test(
        "Beyond 64 servers the last one that was tried is passed over",
        arguments: [0, 63, 64, 69])
    func lastTried(last: Int) {
        let test = TestBalancer(weights: Array(repeating: 1, count: 70))
        let shares = test.shares(700, ServerWish(last: last))
        #expect(shares[last] == 0)
        #expect(shares.reduce(0, +) == 700)
        let only = TestBalancer(weights: [1])
        #expect(only.picks(2, ServerWish(last: 0)) == "aa")
    }

    @Test("Another server is one that a pick would give")
    func untried() {
        let test = TestBalancer(weights: [1, 0, 1], backups: [2])
        let start = BalancerTests.start
        func hasUntried(leaving: UpstreamPool? = nil) -> Bool {
            test.balancer.hasUntried(
                ServerWish(tried: 1, last: 0), leaving: leaving, now: start)
        }
        #expect(hasUntried())
        test.pools[0].limits.requests = 1
        test.load(0, 1)
        // Backups stand in for servers that fail, not for those that are busy.
        #expect(!hasUntried())
        #expect(hasUntried(leaving: test.pools[0]))
        test.tell(2) { $0.isDrained = true }
        #expect(!hasUntried(leaving: test.pools[0]))
    }
}

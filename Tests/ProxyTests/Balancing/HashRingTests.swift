import Testing

@testable import Proxy

@Suite("HashRing")
struct HashRingTests {
    static let keys = (0..<20_000).map { StableHash.of("key\($0)") }

    private static func names(_ count: Int) -> [String] {
        (0..<count).map { "10.0.0.\($0):80" }
    }

    /// How many of the keys each server has.
    private static func shares(_ ring: HashRing, _ servers: Int) -> [Int] {
        var shares = [Int](repeating: 0, count: servers)
        for key in keys { shares[ring.owner(at: ring.start(of: key))] += 1 }
        return shares
    }

    @Test("Servers of one weight have about as many keys each", arguments: [1, 2, 3, 10, 100])
    func even(servers: Int) {
        let ring = HashRing(
            names: HashRingTests.names(servers), weights: Array(repeating: 1, count: servers))
        let mean = Double(HashRingTests.keys.count) / Double(servers)
        for share in HashRingTests.shares(ring, servers) {
            #expect(abs(Double(share) - mean) < 0.35 * mean)
        }
    }

    @Test("A server of three times the weight has about three times the keys")
    func weighted() {
        let ring = HashRing(names: HashRingTests.names(3), weights: [3, 1, 1])
        let shares = HashRingTests.shares(ring, 3)
        #expect(abs(Double(shares[0]) / 20_000 - 0.6) < 0.06)
        #expect(abs(Double(shares[1]) / 20_000 - 0.2) < 0.06)
    }

    @Test("A server that comes takes keys for itself only, and about its share", arguments: 1...12)
    func addition(servers: Int) {
        let names = HashRingTests.names(servers + 1)
        let weights = Array(repeating: 1, count: servers + 1)
        let before = HashRing(names: Array(names.dropLast()), weights: Array(weights.dropLast()))
        let after = HashRing(names: names, weights: weights)
        var moved = 0
        for key in HashRingTests.keys {
            let old = before.owner(at: before.start(of: key))
            let new = after.owner(at: after.start(of: key))
            guard old != new else { continue }
            moved += 1
            #expect(new == servers)
        }
        let share = Double(HashRingTests.keys.count) / Double(servers + 1)
        #expect(abs(Double(moved) - share) < 0.35 * share)
    }

    @Test("Nothing moves where only the order of the servers changes")
    func order() {
        let names = HashRingTests.names(5)
        let ring = HashRing(names: names, weights: [1, 1, 1, 1, 1])
        let other = HashRing(names: names.reversed(), weights: [1, 1, 1, 1, 1])
        for key in HashRingTests.keys.prefix(2_000) {
            let first = names[ring.owner(at: ring.start(of: key))]
            #expect(first == names[4 - other.owner(at: other.start(of: key))])
        }
    }

    @Test("The circle closes: behind the last point comes the first")
    func wraps() {
        let ring = HashRing(names: ["a", "b"], weights: [1, 1])
        #expect(ring.start(of: .max) == 0)
        #expect(ring.start(of: 0) == 0)
        #expect(ring.count == 2 * HashRing.pointsPerWeight)
    }

    @Test("Much weight makes no endless circle")
    func bounded() {
        let ring = HashRing(
            names: HashRingTests.names(400), weights: Array(repeating: 100, count: 400))
        #expect(ring.count == 400 * 100)
        let most = HashRing(
            names: HashRingTests.names(400), weights: Array(repeating: 10_000, count: 400))
        #expect(most.count <= 1 << 21)
        #expect(HashRing(names: [], weights: []).count == 0)
    }
}

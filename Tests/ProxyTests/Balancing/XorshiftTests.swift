import Testing

@testable import Proxy

@Suite("Xorshift")
struct XorshiftTests {
    @Test("Numbers are below their limit, and each as often", arguments: [1, 2, 3, 100])
    func below(limit: Int) {
        var random = Xorshift(seed: 0)
        var counts = [Int](repeating: 0, count: limit)
        for _ in 0..<10_000 { counts[random.below(limit)] += 1 }
        let mean = 10_000 / limit
        for count in counts { #expect(abs(count - mean) <= max(200, mean / 2)) }
    }

    @Test("Workers draw other numbers than each other")
    func seeds() {
        var firsts: Set<UInt64> = []
        for seed: UInt64 in 0..<64 {
            var random = Xorshift(seed: seed)
            firsts.insert(random.next())
        }
        #expect(firsts.count == 64)
    }
}

import Testing

@testable import Proxy

@Suite("SmoothWeights")
struct SmoothWeightsTests {
    /// A round as letters: `a` for the first server.
    private static func letters(_ weights: [Int]) -> String {
        String(SmoothWeights.sequence(weights).map { Character(UnicodeScalar(97 + UInt8($0))) })
    }

    @Test(
        "A round is the one that nginx serves",
        arguments: [
            ([1], "a"), ([1, 1, 1], "abc"), ([7, 7], "ab"), ([5, 1, 1], "aabacaa"),
            ([2, 1], "aba"), ([3, 1], "aaba"), ([4, 2, 2], "abca"), ([1, 2, 3], "cbacbc"),
            ([0, 1], "b"), ([0, 5, 5], "bc"), ([0, 0], ""), ([], ""),
        ])
    func sequences(weights: [Int], round: String) {
        #expect(SmoothWeightsTests.letters(weights) == round)
    }

    @Test("Each server comes as often in a round as it weighs, and never in a burst")
    func shares() {
        let weights = [7, 3, 1, 5, 2]
        let sequence = SmoothWeights.sequence(weights)
        #expect(sequence.count == 18)
        for (server, weight) in weights.enumerated() {
            let places = sequence.indices.filter { sequence[$0] == UInt16(server) }
            #expect(places.count == weight)
            for (earlier, later) in zip(places, places.dropFirst()) {
                #expect(later - earlier <= 2 * 18 / weight)
            }
        }
    }

    @Test("Where the steps would take too long, the sequence is as smooth")
    func spread() {
        let weights = [256] + (1..<256).map { $0 } + Array(repeating: 1, count: 100)
        let sequence = SmoothWeights.sequence(weights)
        #expect(sequence.count == weights.reduce(0, +))
        for (server, weight) in weights.enumerated() {
            let places = sequence.indices.filter { sequence[$0] == UInt16(server) }
            #expect(places.count == weight)
            let largest = zip(places, places.dropFirst()).map { $1 - $0 }.max() ?? 0
            #expect(largest <= 2 * sequence.count / weight)
        }
    }

    @Test("Thousands of servers make no endless round, and none is left out")
    func coarse() {
        let weights = (0..<5_000).map { $0 == 0 ? 256 : 1 + $0 % 200 }
        let sequence = SmoothWeights.sequence(weights)
        #expect(sequence.count < 2 * SmoothWeights.lengthLimit)
        #expect(Set(sequence).count == 5_000)
    }
}

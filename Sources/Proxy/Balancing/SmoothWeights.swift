/// Weighted round robin without bursts: the sequence that nginx comes to, computed once where the
/// snapshot is built, so that a pick costs the same with two servers and with a thousand.
enum SmoothWeights {
    /// The places of `weights` in the order in which they are served, over one round; the shares of
    /// any stretch are as near to the weights as can be. Empty exactly when no weight is above 0.
    ///
    /// Each step adds every weight to its server's credit and serves the highest, which pays the sum
    /// of all.
    static func sequence(_ weights: [Int]) -> [UInt16] {
        let weights = affordable(reduced(weights))
        let total = weights.reduce(0, +)
        guard Set(weights.filter { $0 > 0 }).count > 1 else {
            return weights.indices.filter { weights[$0] > 0 }.map { UInt16($0) }
        }
        var credits = [Int](repeating: 0, count: weights.count)
        var sequence: [UInt16] = []
        sequence.reserveCapacity(total)
        for _ in 0..<total {
            var best = 0
            for place in credits.indices {
                credits[place] += weights[place]
                if credits[place] > credits[best] { best = place }
            }
            credits[best] -= total
            sequence.append(UInt16(best))
        }
        return sequence
    }

    /// The weights without their common divisor: the round is as short as can be.
    private static func reduced(_ weights: [Int]) -> [Int] {
        var divisor = 0
        for weight in weights {
            var (large, small) = (divisor, weight)
            while small > 0 { (large, small) = (small, large % small) }
            divisor = large
        }
        return divisor > 1 ? weights.map { $0 / divisor } : weights
    }

    /// Weights on a coarser scale where the exact round would take too long to compute: no weight
    /// becomes nothing.
    private static func affordable(_ weights: [Int]) -> [Int] {
        guard weights.reduce(0, +) * weights.count > stepLimit, let highest = weights.max(),
            highest > coarseScale
        else { return weights }
        return weights.map { $0 == 0 ? 0 : max(1, ($0 * coarseScale + highest / 2) / highest) }
    }

    /// How many additions a round may cost: some 180 servers of any weights are served exactly.
    static let stepLimit = 1 << 23
    /// The highest weight beyond that.
    static let coarseScale = 16
}

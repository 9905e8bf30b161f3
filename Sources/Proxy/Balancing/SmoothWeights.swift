/// Weighted round robin without bursts: the sequence that nginx comes to, computed once where the
/// snapshot is built, so that a pick costs the same with two servers and with a thousand.
enum SmoothWeights {
    /// The places of `weights` in the order in which they are served, over one round; the shares of
    /// any stretch are as near to the weights as can be. Empty exactly when no weight is above 0.
    ///
    /// Each step adds every weight to its server's credit and serves the highest, which pays the
    /// sum of all.
    static func sequence(_ weights: [Int]) -> [UInt16] {
        let weights = reduced(weights)
        guard Set(weights.filter { $0 > 0 }).count > 1 else {
            return weights.indices.filter { weights[$0] > 0 }.map { UInt16($0) }
        }
        let total = weights.reduce(0, +)
        return total * weights.count <= stepLimit ? stepped(weights, total) : spread(weights, total)
    }

    private static func stepped(_ weights: [Int], _ total: Int) -> [UInt16] {
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

    /// Where the steps would take too long: each server's turns stand in the middles of as many
    /// equal parts of the round, which is nearly the same sequence. The longest rounds are cut to
    /// coarser weights, none of which becomes nothing.
    private static func spread(_ weights: [Int], _ total: Int) -> [UInt16] {
        let scale = min(1, Double(lengthLimit) / Double(total))
        var turns: [(at: Double, place: UInt16)] = []
        for (place, weight) in weights.enumerated() where weight > 0 {
            let count = max(1, Int((Double(weight) * scale).rounded()))
            for number in 0..<count {
                turns.append(((Double(number) + 0.5) / Double(count), UInt16(place)))
            }
        }
        turns.sort { ($0.at, $0.place) < ($1.at, $1.place) }
        return turns.map(\.place)
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

    /// How many additions a round may cost: some 180 servers of any weights are served exactly.
    static let stepLimit = 1 << 23
    /// How many turns a round has at most, where there are not more servers.
    static let lengthLimit = 1 << 17
}

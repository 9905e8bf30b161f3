internal import Platform

/// Choices by how much the servers have to do.
extension Balancer {
    /// The server with the fewest requests under way for its weight; of equals, the one whose turn
    /// it is.
    func leastLoaded(_ tier: Int, _ wish: ServerWish, now: MonotonicTime) -> Int? {
        let members = plan.tiers[tier].members
        var best: Int?
        var bestLoad = Int.max
        var bestWeight = 1
        var place = advance(tier)
        for _ in members.indices {
            let index = members[place]
            place = place + 1 < members.count ? place + 1 : 0
            let share = share(of: index, now: now)
            // A server that starts would get every request while it has none: the one to come
            // counts.
            let load = pools[index].outstanding + (share < Balancer.fullShare ? 1 : 0)
            let weight = plan.weights[index] * share
            if best != nil, load * bestWeight >= bestLoad * weight { continue }
            guard isOpen(index, .accepting, wish, now: now) else { continue }
            (best, bestLoad, bestWeight) = (index, load, weight)
        }
        return best
    }

    /// Of two servers that are drawn, the one that will answer sooner.
    func betterOfTwo(_ tier: Int, _ wish: ServerWish, now: MonotonicTime) -> Int? {
        guard let first = draw(tier, wish, other: nil, now: now) else { return nil }
        guard let second = draw(tier, wish, other: first, now: now) else { return first }
        let latencies = (pools[first].latency(now: now), pools[second].latency(now: now))
        // Where one has not answered yet, nothing is known of how quick it is beside the other.
        let isKnown = latencies.0 > 0 && latencies.1 > 0
        let one = cost(first, isKnown ? latencies.0 : 1, now: now)
        let two = cost(second, isKnown ? latencies.1 : 1, now: now)
        return two < one ? second : first
    }

    private func cost(_ index: Int, _ latency: Int64, now: MonotonicTime) -> Double {
        let weight = plan.weights[index] * share(of: index, now: now)
        return Double(pools[index].outstanding + 1) * Double(latency) / Double(weight)
    }

    /// A server at random that is open and not `other`.
    private func draw(_ tier: Int, _ wish: ServerWish, other: Int?, now: MonotonicTime) -> Int? {
        let members = plan.tiers[tier].members
        for _ in 0..<4 {
            let index = members[random.below(members.count)]
            if index != other, isOpen(index, .accepting, wish, now: now) { return index }
        }
        let start = random.below(members.count)
        for offset in members.indices {
            let index = members[(start + offset) % members.count]
            if index != other, isOpen(index, .accepting, wish, now: now) { return index }
        }
        return nil
    }

    // MARK: - Hashing

    /// The first server behind the key on the circle that is open and has not more than its share
    /// of what is under way; nil where none is open.
    func belonging(_ key: UInt64, _ tier: Int, _ wish: ServerWish, now: MonotonicTime) -> Int? {
        let members = plan.tiers[tier].members
        let ring = plan.tiers[tier].ring
        var point = ring.start(of: key)
        var openWeight = 0
        var second: Int?
        for _ in 0..<min(ring.count, 512 + 16 * members.count) {
            let index = members[ring.owner(at: point)]
            point = point + 1 < ring.count ? point + 1 : 0
            guard isOpen(index, .accepting, wish, now: now) else { continue }
            second = second ?? index
            guard isAdmitted(key, to: index, now: now) else { continue }
            if pools[index].outstanding < Balancer.freeLoad { return index }
            if openWeight == 0 { openWeight = weightOfOpen(members, wish, now: now) }
            if pools[index].outstanding < bound(index, openWeight: openWeight) { return index }
        }
        return second ?? inTurn(tier, .accepting, wish, now: now)
    }

    /// While a server starts, it takes its share of the keys, and of those always the same.
    private func isAdmitted(_ key: UInt64, to index: Int, now: MonotonicTime) -> Bool {
        let share = share(of: index, now: now)
        guard share < Balancer.fullShare else { return true }
        return StableHash.mix(key &+ UInt64(index)) & 1023 < UInt64(share)
    }

    /// How many requests a server may have under way: a quarter more than its part of all, the one
    /// to come counted.
    private func bound(_ index: Int, openWeight: Int) -> Int {
        let part = 5 * (load.outstanding + 1) * plan.weights[index]
        return (part + 4 * openWeight - 1) / (4 * openWeight)
    }

    private func weightOfOpen(_ members: [Int], _ wish: ServerWish, now: MonotonicTime) -> Int {
        members.reduce(0) {
            $0 + (isOpen($1, .accepting, wish, now: now) ? plan.weights[$1] : 0)
        }
    }

    /// So few requests are no load: a browser that asks for a page and what is in it stays.
    static let freeLoad = 8
}

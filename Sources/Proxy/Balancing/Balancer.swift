internal import Platform

/// Chooses the servers of one backend for one worker.
///
/// Worker only; no worker knows of the others, so that each begins at another place. What a request
/// costs here does not grow with the number of servers, but for `least_connections`, which looks at
/// each, and while servers fail.
final class Balancer {
    let plan: BalancePlan
    let pools: [UpstreamPool]
    let load = GroupLoad()
    /// For each tier the next place of its sequence.
    var cursors: [Int]
    var random: Xorshift
    /// What servers in their slow start have saved up for their next turn.
    private var credits: [Int]

    /// Which servers may be chosen.
    enum Standard {
        /// Those that accept requests.
        case accepting
        /// Also those that are only avoided or ejected for a while.
        case possible
        /// Also those that are down by their checks and may be back.
        case lastResort
    }

    /// - Parameter seed: differs between workers.
    init(_ plan: BalancePlan, pools: [UpstreamPool], seed: UInt64) {
        self.plan = plan
        self.pools = pools
        random = Xorshift(seed: seed)
        credits = Array(repeating: 0, count: pools.count)
        // The golden ratio puts each worker into the largest gap that the others left.
        let place = seed &* 0x9e37_79b9_7f4a_7c15
        cursors = plan.tiers.map {
            Int(place.multipliedFullWidth(by: UInt64($0.sequence.count)).high)
        }
        for pool in pools {
            load.outstanding += pool.outstanding
            pool.load.group = load
        }
    }

    /// The index of the server for a request; nil exactly when there is none that may be tried.
    ///
    /// 1. The server that the client is held to, while it accepts, drained or not.
    /// 2. A server that accepts and was not tried, backups last.
    /// 3. One that accepts and was tried.
    /// 4. One that was not tried and is only avoided or ejected for a while, then one that is down
    ///    by its checks and may be back.
    /// 5. One of those that was tried, in the same order.
    ///
    /// A server that is full is not chosen; where one of the first tier is, nor are the backups.
    func pick(_ wish: ServerWish, now: MonotonicTime) -> Int? {
        if let held = wish.held, keeps(held, now: now) { return held }
        for tier in plan.tiers.indices {
            if let index = choose(tier, wish, now: now) { return index }
            if isFull(tier, now: now) { return nil }
        }
        var fresh = wish
        fresh.tried = 0
        fresh.last = -1
        if wish.hasTriedAny {
            for tier in plan.tiers.indices {
                if let index = choose(tier, fresh, now: now) { return index }
            }
        }
        return substitute(wish, now: now)
            ?? (wish.hasTriedAny ? substitute(fresh, now: now) : nil)
    }

    /// Where none accepts: one that is down is asked only where no other is left.
    private func substitute(_ wish: ServerWish, now: MonotonicTime) -> Int? {
        for tier in plan.tiers.indices {
            if let index = inTurn(tier, .possible, wish, now: now) { return index }
        }
        for tier in plan.tiers.indices {
            if let index = inTurn(tier, .lastResort, wish, now: now) { return index }
        }
        return nil
    }

    /// True exactly when a pick would give a server that accepts and was not tried, once `leaving`
    /// has one request less.
    func hasUntried(_ wish: ServerWish, leaving: UpstreamPool?, now: MonotonicTime) -> Bool {
        for tier in plan.tiers.indices {
            let hasOpen = plan.tiers[tier].members.contains {
                isOpen($0, .accepting, wish, now: now)
            }
            if hasOpen { return true }
            if isFull(tier, leaving: leaving, now: now) { return false }
        }
        return false
    }

    /// True exactly when a server goes on with clients that it has: draining ends new ones only.
    private func keeps(_ index: Int, now: MonotonicTime) -> Bool {
        guard pools[index].hasRoom else { return false }
        guard pools[index].standing.isDrained else {
            return pools[index].standing.accepts(now: now)
        }
        var standing = pools[index].standing
        standing.isDrained = false
        return standing.accepts(now: now)
    }

    /// True exactly when a server of the tier would take requests if it had not as many as it may
    /// have: backups stand in for servers that fail, not for those that are busy.
    private func isFull(_ tier: Int, leaving: UpstreamPool? = nil, now: MonotonicTime) -> Bool {
        plan.tiers[tier].members.contains {
            !pools[$0].hasRoom && pools[$0] !== leaving && pools[$0].standing.accepts(now: now)
        }
    }

    private func choose(_ tier: Int, _ wish: ServerWish, now: MonotonicTime) -> Int? {
        switch plan.method {
        case .roundRobin: inTurn(tier, .accepting, wish, now: now)
        case .leastConnections: leastLoaded(tier, wish, now: now)
        case .powerOfTwo: betterOfTwo(tier, wish, now: now)
        case .hash:
            wish.key.map { belonging($0, tier, wish, now: now) }
                ?? inTurn(tier, .accepting, wish, now: now)
        }
    }

    /// True exactly when the server may be chosen.
    func isOpen(_ index: Int, _ standard: Standard, _ wish: ServerWish, now: MonotonicTime) -> Bool
    {
        guard !wish.hasTried(index), pools[index].hasRoom else { return false }
        switch standard {
        case .accepting: return pools[index].standing.accepts(now: now)
        case .possible: return pools[index].standing.isInService
        case .lastResort: return pools[index].standing.mayBeTried()
        }
    }

    // MARK: - Round robin

    /// The next server of the tier's sequence. Places of servers that are not open are skipped, so
    /// that the others keep their shares among themselves.
    func inTurn(_ tier: Int, _ standard: Standard, _ wish: ServerWish, now: MonotonicTime) -> Int? {
        let members = plan.tiers[tier].members
        let begin = cursors[tier]
        for _ in 0..<min(plan.tiers[tier].sequence.count, 2 * members.count + 8) {
            let index = members[advance(tier)]
            if isOpen(index, standard, wish, now: now), takesTurn(index, now: now) { return index }
        }
        // None is open, and nobody's turn is over; or it would take too long to come to one.
        cursors[tier] = begin
        return drawn(members, standard, wish, now: now)
    }

    /// An open server at random, by the weights: for when servers of high weight are out, or all
    /// that are there have just come up.
    private func drawn(
        _ members: [Int], _ standard: Standard, _ wish: ServerWish, now: MonotonicTime
    ) -> Int? {
        var drawn: Int?
        var total = 0
        for index in members where isOpen(index, standard, wish, now: now) {
            let weight = plan.weights[index] * share(of: index, now: now)
            total += weight
            if random.below(total) < weight { drawn = index }
        }
        return drawn
    }

    /// The place of the member whose turn it is; the next turn is the next one's.
    func advance(_ tier: Int) -> Int {
        let sequence = plan.tiers[tier].sequence
        let cursor = cursors[tier]
        cursors[tier] = cursor + 1 < sequence.count ? cursor + 1 : 0
        return Int(sequence[cursor])
    }

    // MARK: - Slow start

    /// A server's share of what its weight asks for, in 1024ths: it grows from a tenth.
    func share(of index: Int, now: MonotonicTime) -> Int {
        guard plan.slowStart > 0, let risen = pools[index].standing.risenAt else {
            return Balancer.fullShare
        }
        let age = now.nanoseconds &- risen.nanoseconds
        guard age < plan.slowStart else { return Balancer.fullShare }
        let grown = Double(max(0, age)) / Double(plan.slowStart)
        return Balancer.firstShare
            + Int(Double(Balancer.fullShare - Balancer.firstShare) * grown)
    }

    /// True exactly when the server takes its turn: while it starts, only its share of them.
    private func takesTurn(_ index: Int, now: MonotonicTime) -> Bool {
        let share = share(of: index, now: now)
        guard share < Balancer.fullShare else { return true }
        credits[index] += share
        guard credits[index] >= Balancer.fullShare else { return false }
        credits[index] -= Balancer.fullShare
        return true
    }

    static let fullShare = 1024
    static let firstShare = 102
}

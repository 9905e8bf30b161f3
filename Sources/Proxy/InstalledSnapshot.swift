internal import HTTP
internal import Platform

/// A snapshot as one worker serves it: the worker's pools of connections to the snapshot's servers,
/// and whose turn it is.
final class InstalledSnapshot {
    let snapshot: RuntimeSnapshot
    /// For each group, one pool for each of its servers.
    let pools: [[UpstreamPool]]
    /// For each group, who chooses its servers.
    let balancers: [Balancer]
    /// For each group, what the worker has under way for it.
    let loads: [BackendLoad]
    /// True exactly when the worker serves by a newer one: servers of this one may be named by
    /// nothing any more.
    var isReplaced = false

    /// - Parameter worker: which worker it is, from 0; each begins with another server.
    init(
        snapshot: RuntimeSnapshot, pools: [[UpstreamPool]], loads: [BackendLoad] = [],
        worker: Int = 0
    ) {
        self.snapshot = snapshot
        self.pools = pools
        self.loads = loads
        // The next snapshot begins elsewhere, too: where they come quickly, so do first servers.
        let seed = UInt64(worker) &+ snapshot.generation &- 1
        balancers = zip(snapshot.groups, pools).map { group, pools in
            Balancer(group.balance, pools: pools, seed: seed)
        }
    }

    /// The server for an exchange, which remembers it as tried; nil exactly when the group has none
    /// that may be tried.
    ///
    /// - Parameter known: the server that may know who asks, which is held as one that a cookie
    ///   names, where none does.
    func pick(
        group: Int, for exchange: Exchange, knownTo known: Int? = nil, now: MonotonicTime
    ) -> UpstreamPool? {
        let balancer = balancers[group]
        var wish = exchange.wish(balancer.plan)
        let named = wish.held
        if exchange.choice.mayBeHeld { wish.held = named ?? known }
        guard let index = balancer.pick(wish, now: now) else { return nil }
        exchange.choice.index = index
        exchange.choice.hasAffinity = balancer.plan.affinity != nil
        exchange.choice.isHeld = index == named
        if index == wish.held { exchange.choice.heldTries += 1 }
        exchange.noteTried(index)
        return balancer.pools[index]
    }
}

extension Exchange {
    /// What the request says about which server of a group it wants.
    func wish(_ plan: BalancePlan) -> ServerWish {
        var wish = ServerWish(tried: triedServers, last: choice.tried)
        if case .hash(let source) = plan.method {
            wish.key = source.key(of: request, client: downstream?.client)
        }
        // A server that has closed an idle connection is not gone: its clients ask once more.
        if let affinity = plan.affinity, choice.mayBeHeld {
            wish.held = affinity.server(askedForBy: request)
        }
        return wish
    }
}

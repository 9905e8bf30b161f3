internal import Bytes
internal import Config
internal import HTTP
internal import Platform
internal import Telemetry

/// Happy Eyeballs (RFC 8305 §5) for connections that many exchanges share: whoever waits for a slow
/// connect stays with it until a connection to another address of the name is there.
extension Worker {
    /// A connect takes long: who waits goes to an open connection to another address, or one is
    /// opened beside this. That is asked again and again, since others come to wait, second
    /// attempts fail, and servers that had no room get some.
    ///
    /// - Returns: false where the connect has had all its time.
    mutating func beginSharedRace(_ upstream: UpstreamConnection, _ link: UpstreamLink) -> Bool {
        guard goOnWaiting(upstream) else { return false }
        guard let exchange = link.first else { return true }
        let others = siblings(of: upstream.pool, exchange)
        if let pool = others.first(where: { readyShared($0) != nil }) {
            abandon(upstream, for: pool)
            return true
        }
        // Two are enough.
        guard upstream.rival == nil else { return true }
        if let rival = openSharedRival(others, exchange) {
            upstream.race(rival)
            beginWait(rival, until: upstream.connectEnd)
        } else if let rival = others.lazy.compactMap(\.contender).first {
            // It is being opened already, for others.
            upstream.race(rival)
        }
        return true
    }

    /// A connect has succeeded: the second attempt ends, unless there are who chose that one; when
    /// they ask the next time, this connection is there.
    ///
    /// - Returns: the first attempt where this was the second.
    mutating func settleSharedRace(_ winner: UpstreamConnection) -> UpstreamConnection? {
        winner.connectEnd = .distantFuture
        let (rival, slow) = (winner.rival, winner.raced)
        winner.leaveRaces()
        if let rival, rival.phase == .connecting, rival.link?.count == 0, rival.rival == nil {
            close(rival)
        }
        return slow
    }

    /// Lets those who wait for a slow connect change to another address, as far as there is room;
    /// with the last of them it ends.
    mutating func abandon(_ slow: UpstreamConnection, for pool: UpstreamPool) {
        guard let link = slow.link, slow.phase == .connecting else { return }
        overtaken(slow)
        slow.leaveRaces()
        link.forEach { exchange in
            guard serves(pool, exchange), pool.hasRoom else { return }
            link.remove(exchange)
            exchange.carrier = nil
            connectionMade(exchange)
            move(exchange, to: pool)
            guard let upstream = readyShared(pool), let fast = upstream.link else {
                connect(exchange, to: pool, fresh: false)
                return
            }
            metrics.upstreamRequest(pool.plan.label)
            if upstream.openedAt > slow.openedAt {
                exchange.connectDuration = now - upstream.openedAt
            }
            board(exchange, upstream, fast)
        }
        if link.count == 0 { close(slow) }
    }

    /// A connect has failed; true exactly when the exchange waits for its rival from now on, so
    /// that nothing is lost.
    mutating func waits(_ exchange: Exchange, for rival: UpstreamConnection) -> Bool {
        let pool = rival.pool
        guard rival.phase == .connecting, let link = rival.link,
            link.hasRoom(limit: min(pool.streamsPerConnection, max(1, pool.streamLimit))),
            serves(pool, exchange)
        else { return false }
        metrics.upstreamRequest(pool.plan.label)
        move(exchange, to: pool)
        board(exchange, rival, link)
        return true
    }

    /// True exactly when the exchange's snapshot has the server, and that has room.
    private func serves(_ pool: UpstreamPool, _ exchange: Exchange) -> Bool {
        guard let backend = exchange.backend, pool.hasRequestRoom else { return false }
        return backend.pools.contains { $0 === pool }
    }

    /// An open connection that takes another stream.
    private mutating func readyShared(_ pool: UpstreamPool) -> UpstreamConnection? {
        findShared(pool, limit: pool.streamsPerConnection, .open)
    }

    /// Opens a connection to the first address that can be tried and to which none is being opened.
    private mutating func openSharedRival(
        _ pools: [UpstreamPool], _ exchange: Exchange
    ) -> UpstreamConnection? {
        guard let snapshot = exchange.installed?.snapshot,
            let session = try? beginSession(snapshot),
            let rival = openRival(pools.filter { $0.contender == nil }, exchange)
        else { return nil }
        _ = beginSharing(rival, session)
        return rival
    }
}

extension UpstreamPool {
    /// A shared connection that is being opened and is nobody's rival.
    fileprivate var contender: UpstreamConnection? {
        shared.first { $0.phase == .connecting && $0.raced == nil }
    }
}

internal import Bytes
internal import Config
internal import HTTP
internal import Platform
internal import Telemetry

/// Happy Eyeballs (RFC 8305 §5) for connections that many exchanges share: whoever waits for a slow
/// connect stays with it until a connection to another address of the name is there.
extension Worker {
    /// The first wait for a connect is over: who waits goes to an open connection to another
    /// address, or one is opened beside this.
    ///
    /// - Returns: false where the connect has had all its time.
    mutating func beginSharedRace(_ upstream: UpstreamConnection, _ link: UpstreamLink) -> Bool {
        guard endFirstWait(upstream) else { return false }
        guard let exchange = link.first else { return true }
        let others = siblings(of: upstream.pool, exchange)
        if let pool = others.first(where: { readyShared($0) != nil }) {
            abandon(upstream, for: pool)
        } else if upstream.rival != nil {
            // Two are enough.
        } else if let rival = openSharedRival(others, exchange) {
            upstream.race(rival)
            setDeadline(rival, at: upstream.deadline)
        } else if let rival = others.lazy.compactMap(\.contender).first {
            // It is being opened already, for others.
            upstream.race(rival)
        }
        return true
    }

    /// A connect has succeeded: the second attempt ends, unless there are who chose that one; they
    /// have a first wait of their own, behind which this connection is there.
    ///
    /// - Returns: the first attempt where this was the second.
    mutating func settleSharedRace(_ winner: UpstreamConnection) -> UpstreamConnection? {
        winner.connectEnd = .distantFuture
        let (rival, slow) = (winner.rival, winner.raced)
        winner.leaveRaces()
        guard let rival, rival.phase == .connecting else { return slow }
        let next = now + Worker.raceDelay
        if rival.link?.count == 0, rival.rival == nil {
            close(rival)
        } else if rival.connectEnd == .distantFuture, rival.deadline > next {
            rival.connectEnd = rival.deadline
            setDeadline(rival, at: next)
        }
        return slow
    }

    /// Lets those who wait for a slow connect change to another address, as far as there is room;
    /// with the last of them it ends.
    mutating func abandon(_ slow: UpstreamConnection, for pool: UpstreamPool) {
        guard let link = slow.link, slow.phase == .connecting else { return }
        // Whoever needs so much longer is not the one to begin with next time.
        slow.pool.standing.avoid(now: now)
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

    /// Opens a connection to the first address to which none is being opened.
    private mutating func openSharedRival(
        _ pools: [UpstreamPool], _ exchange: Exchange
    ) -> UpstreamConnection? {
        guard let snapshot = exchange.installed?.snapshot,
            let pool = pools.first(where: { $0.mayConnect && $0.contender == nil }),
            let session = try? beginSession(snapshot), let rival = openRival(pool, exchange)
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

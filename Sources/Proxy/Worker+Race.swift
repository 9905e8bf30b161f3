internal import Bytes
internal import Platform
internal import Telemetry

/// Happy Eyeballs (RFC 8305 §5): where a connect takes long and the server's name has another
/// address, that is tried beside it; whichever takes the connection first serves the exchange.
/// There are two attempts at a time: where one fails, the next address has its turn.
extension Worker {
    /// Waits for a connect of one exchange: `duration` at most, but only a moment before another
    /// address is tried.
    mutating func awaitConnect(
        _ upstream: UpstreamConnection, _ exchange: Exchange, for duration: Duration
    ) {
        upstream.phase = .connecting
        let end = now + duration
        guard exchange.backend?.plan.hasKin == true, duration > Worker.raceDelay,
            exchange.rival == nil
        else {
            setDeadline(upstream, at: end)
            return
        }
        beginWait(upstream, until: end)
    }

    /// A connect takes long: begins the second attempt, and goes on with the first.
    ///
    /// - Returns: false where the connect has had all its time.
    mutating func beginRace(_ upstream: UpstreamConnection) -> Bool {
        guard goOnWaiting(upstream) else { return false }
        guard let exchange = upstream.exchange, exchange.upstream === upstream,
            exchange.rival == nil,
            let rival = openRival(siblings(of: upstream.pool, exchange), exchange)
        else { return true }
        rival.phase = .connecting
        rival.exchange = exchange
        exchange.rival = rival
        let label = rival.pool.plan.label
        metrics.upstreamRequest(label)
        metrics.upstreamActive(label, by: 1)
        beginWait(rival, until: upstream.connectEnd)
        return true
    }

    /// Waits for a connect until `end`, and asks again and again whether another address may be
    /// tried.
    mutating func beginWait(_ upstream: UpstreamConnection, until end: MonotonicTime) {
        upstream.connectEnd = end
        setDeadline(upstream, at: min(end, now + Worker.raceDelay))
    }

    /// Lets a connect have more of its time; false where it has had all.
    mutating func goOnWaiting(_ upstream: UpstreamConnection) -> Bool {
        let end = upstream.connectEnd
        guard end > now, end < .distantFuture else { return false }
        beginWait(upstream, until: end)
        return true
    }

    /// A connect has succeeded: the exchange is its, and the other attempt ends.
    mutating func settleRace(_ winner: UpstreamConnection, _ exchange: Exchange) {
        winner.connectEnd = .distantFuture
        guard let rival = exchange.rival, let first = exchange.upstream else { return }
        exchange.rival = nil
        let loser = rival === winner ? first : rival
        loser.exchange = nil
        if rival === winner {
            exchange.upstream = winner
            move(exchange, to: winner.pool)
            overtaken(first)
        }
        close(loser)
    }

    /// Another address has taken its connection first: whoever needs so much longer counts as one
    /// that refused.
    mutating func overtaken(_ upstream: UpstreamConnection) {
        blame(upstream, .connectTimeout, "another address was faster")
    }

    /// A connect has failed; true exactly when another attempt of the exchange goes on, so that
    /// nothing is lost.
    mutating func leaveRace(_ upstream: UpstreamConnection) -> Bool {
        guard let exchange = upstream.exchange, let rival = exchange.rival else { return false }
        exchange.rival = nil
        if exchange.upstream === upstream {
            exchange.upstream = rival
            move(exchange, to: rival.pool)
        }
        upstream.exchange = nil
        close(upstream)
        return true
    }

    /// The request is another server's.
    mutating func move(_ exchange: Exchange, to pool: UpstreamPool) {
        leaveServer(exchange)
        pool.began()
        exchange.countedIn = pool
        exchange.server = pool
        guard let index = exchange.backend?.pools.firstIndex(where: { $0 === pool })
        else { return }
        exchange.choice.index = index
        exchange.choice.isHeld = false
        exchange.noteTried(index)
    }

    /// Ends the second attempt of an exchange that needs none any more.
    mutating func endRace(_ exchange: Exchange) {
        guard let rival = exchange.rival else { return }
        exchange.rival = nil
        rival.exchange = nil
        close(rival)
    }

    /// The other addresses of the same name that take requests, those of the other family first
    /// (RFC 8305 §4).
    func siblings(of pool: UpstreamPool, _ exchange: Exchange) -> [UpstreamPool] {
        guard let backend = exchange.backend else { return [] }
        let servers = backend.plan.servers
        let pools = backend.pools
        guard let place = pools.firstIndex(where: { $0 === pool }), let kin = servers[place].kin
        else { return [] }
        let others = servers.indices.filter { index in
            index != place && servers[index].kin == kin && pools[index].hasRequestRoom
                && pools[index].standing.accepts(now: now)
        }
        let isIPv6 = pool.plan.address.isIPv6
        return others.filter { pools[$0].plan.address.isIPv6 != isIPv6 }.map { pools[$0] }
            + others.filter { pools[$0].plan.address.isIPv6 == isIPv6 }.map { pools[$0] }
    }

    /// Begins a connect to the first server where that does not fail at once; nil where there is
    /// none, which is no worse than no second attempt.
    mutating func openRival(
        _ pools: [UpstreamPool], _ exchange: Exchange
    ) -> UpstreamConnection? {
        for pool in pools where pool.mayConnect {
            do throws(OpeningFailure) {
                return try open(pool, for: exchange)
            } catch {
                note(error, of: pool)
                // What is short here is short towards every server.
                if error.isOurs { return nil }
            }
        }
        return nil
    }

    /// How long a connect may take before another address is tried (RFC 8305 §5).
    static let raceDelay = Duration.milliseconds(250)
}

extension SocketAddress {
    /// True exactly for IPv6.
    fileprivate var isIPv6: Bool {
        if case .ipv6 = self { true } else { false }
    }
}

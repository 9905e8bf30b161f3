internal import HTTP
internal import Platform

extension Worker {
    /// Chooses the server for an exchange and counts it there; nil where there is none.
    mutating func chooseServer(_ exchange: Exchange, _ place: BackendPlace) -> UpstreamPool? {
        let known = serverThatKnows(exchange, place)
        guard
            let pool = place.installed.pick(
                group: place.group, for: exchange, knownTo: known, now: now)
        else { return nil }
        pool.began()
        exchange.countedIn = pool
        return pool
    }

    /// The server has no more to do for the exchange.
    mutating func leaveServer(_ exchange: Exchange) {
        guard let pool = exchange.countedIn else { return }
        exchange.countedIn = nil
        // Who only says that nothing can be done is quick at that.
        let isServed = !(502...504).contains(exchange.response.status)
        pool.ended(
            sentAt: isServed ? exchange.sentAt : nil, firstByteAt: exchange.firstByteAt, now: now)
    }

    /// Tells a client that is to stay which server it has, unless it has said so itself.
    mutating func setAffinity(_ exchange: Exchange) {
        guard exchange.choice.hasAffinity, !exchange.choice.isHeld, exchange.choice.index >= 0,
            let connection = exchange.downstream,
            let plan = exchange.backend?.plan.balance.affinity
        else { return }
        let line = plan.line(for: exchange.choice.index, isTLS: connection.isTLS)
        exchange.response.add(name: Worker.setCookie.span, value: line.span)
    }

    private static let setCookie = Array("set-cookie".utf8)
}

internal import Config
internal import HTTP
internal import Platform
internal import TLS
internal import Telemetry

extension Worker {
    /// Why another connection of an address is not taken; nil where it is.
    mutating func refusal(of client: SocketAddress, others: Int, _ snapshot: RuntimeSnapshot)
        -> LimitLabel?
    {
        if shedsConnections { return .memory }
        if others >= snapshot.settings.connectionsPerAddress, !client.isLocalPath {
            return .connectionsPerAddress
        }
        let wait = waitTime(of: client, under: snapshot.settings.connectionRate, snapshot)
        return wait > .zero ? .connectionRate : nil
    }

    /// Closes a connection that is not taken, before anything is read: there is no cheaper answer.
    mutating func refuse(
        _ socket: consuming Socket, from client: SocketAddress, because limit: LimitLabel,
        on binding: ListenerBinding
    ) {
        count(binding.plan.label, limit, of: client)
        // The kernel need not remember it.
        socket.setResetOnClose()
    }

    /// Counts a connection that is not taken.
    mutating func count(_ label: ListenerLabel, _ limit: LimitLabel, of client: SocketAddress) {
        metrics.limitReached(label, limit)
        switch limit {
        case .memory:
            metrics.connectionRefused(label, reason: .memory)
        case .connectionRate:
            metrics.connectionRefused(label, reason: .addressRate)
            events.clientLimited(client, limit, now: now)
        default:
            metrics.connectionRefused(label, reason: .addressLimit)
            events.clientLimited(client, limit, now: now)
        }
    }

    /// True exactly when a client whose first bytes have come may have a handshake; otherwise its
    /// connection is closed.
    mutating func admitsHandshake(_ connection: DownstreamConnection) -> Bool {
        guard !connection.isHandshakeAdmitted else { return true }
        connection.isHandshakeAdmitted = true
        guard let snapshot = installed?.snapshot,
            waitTime(of: connection.client, under: snapshot.settings.handshakeRate, snapshot)
                > .zero
        else { return true }
        reached(.handshakeRate, connection)
        connection.announcesEnd = false
        connection.socket.setResetOnClose()
        close(connection)
        return false
    }

    /// Sends a request to the backend of its route, unless there is something against that.
    mutating func admit(
        _ exchange: Exchange, to route: RouteTable.Route?, _ snapshot: RuntimeSnapshot,
        on connection: DownstreamConnection
    ) -> ProxyError? {
        guard let route else { return ProxyError(.noRoute) }
        exchange.group = route.group
        take(route.rules, for: exchange, on: connection)
        if shedsRequests {
            // The connection would hold memory for nothing.
            exchange.keepsAlive = false
            return ProxyError(.memoryShort)
        }
        let wait = waitTime(of: connection.client, under: route.requestRate, snapshot)
        return wait > .zero ? ProxyError(.tooManyRequests(wait: wait)) : nil
    }

    /// Takes a token of a client's address; how long to wait for the next one where there is none.
    private mutating func waitTime(
        of client: SocketAddress, under limit: RateLimit?, _ snapshot: RuntimeSnapshot
    ) -> Duration {
        guard let limit, let rates = snapshot.settings.rates else { return .zero }
        // Who comes by a socket file has no address, and would share one with everybody.
        if client.isLocalPath { return .zero }
        return rates.take(client.hostKey, of: limit, now: now)
    }

    /// Counts the limits that an exchange has reached; called once for each that has begun.
    mutating func countLimits(
        _ exchange: Exchange, _ connection: DownstreamConnection, _ snapshot: RuntimeSnapshot
    ) {
        // Of streams many are under way at once; they are counted as they begin.
        if exchange.stream == 0, exchange.form.isKeepAlive,
            connection.requestCount == snapshot.settings.requestsPerConnection
        {
            reached(.requestsPerConnection, connection)
        }
        if let limit = exchange.error?.limit { reached(limit, connection) }
    }

    /// Counts that a client has reached a limit, and says so where its address is what is limited.
    mutating func reached(_ limit: LimitLabel, _ connection: DownstreamConnection) {
        metrics.limitReached(connection.binding.plan.label, limit)
        switch limit {
        case .handshakeRate, .requestRate, .keyUpdates, .tinyRecords:
            events.clientLimited(connection.client, limit, now: now)
        default: break
        }
    }

    /// Ends a connection whose last input cost work and carried nothing; see `IdleMessages`.
    mutating func judgeIdleMessages(
        _ connection: DownstreamConnection, keyUpdates: Int, tinyRecords: Int
    ) {
        guard let snapshot = installed?.snapshot else { return }
        if keyUpdates >= snapshot.settings.keyUpdates {
            reached(.keyUpdates, connection)
            abort(connection, because: ProxyError(.clientClosed))
            return
        }
        // Small messages are what many protocols consist of.
        guard tinyRecords > 0, connection.exchange?.tcp == nil else { return }
        let second = now.nanoseconds / 1_000_000_000
        if connection.tinyRecords.second != second { connection.tinyRecords = (second, 0) }
        connection.tinyRecords.count += tinyRecords
        if connection.tinyRecords.count > snapshot.settings.tinyRecords {
            reached(.tinyRecords, connection)
            abort(connection, because: ProxyError(.clientClosed))
        }
    }

    /// The time that so many bytes earn at the minimum rate; without one, any byte earns more than
    /// every deadline.
    mutating func earned(_ bytes: Int, _ snapshot: RuntimeSnapshot) -> Duration {
        guard bytes > 0 else { return .zero }
        guard let rate = snapshot.settings.minimumRate else { return .seconds(8 * 86_400) }
        return .milliseconds(Int64(bytes) * 1_000 / Int64(rate))
    }

    /// How long a client may take to close after our end was closed.
    var lingering: Duration { installed?.snapshot.settings.timeouts.lingering ?? .seconds(2) }
}

extension ProxyError {
    /// The limit that was reached; nil where none was, or where the clock that saw it has counted
    /// it.
    var limit: LimitLabel? {
        switch kind {
        case .badRequest(.targetTooLong), .badRequest(.headTooLarge), .badRequest(.trailerTooLarge):
            .requestHead
        case .badRequest(.tooManyFields): .requestFields
        case .bodyTooLarge: .requestBody
        case .tooManyRequests: .requestRate
        case .memoryShort: .memory
        default: nil
        }
    }

    /// In how many seconds the client may try again, rounded up; nil where that is not known.
    var retryAfter: Int? {
        switch kind {
        case .tooManyRequests(let wait):
            Int(wait.components.seconds) + (wait.components.attoseconds > 0 ? 1 : 0)
        case .memoryShort: 5
        case .passwordsBusy: 2
        default: nil
        }
    }
}

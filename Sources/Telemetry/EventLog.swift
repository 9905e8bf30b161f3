internal import Bytes
internal import Platform
internal import Synchronization

/// How much an event matters.
public enum EventLevel: Int, Comparable, Sendable {
    /// For whoever looks for something.
    case debug
    /// What an operator expects to see.
    case info
    /// What needs a look soon.
    case warning
    /// What needs a look now.
    case error

    /// Orders by how much it matters.
    public static func < (left: EventLevel, right: EventLevel) -> Bool {
        left.rawValue < right.rawValue
    }

    var label: StaticString {
        switch self {
        case .debug: "debug"
        case .info: "info"
        case .warning: "warning"
        case .error: "error"
        }
    }
}

/// The names of all events: this list is their documentation.
public enum EventName: String, Sendable, CaseIterable {
    /// Everything that was configured is being served.
    case serverReady = "server.ready"
    /// Nothing more is accepted; requests under way may end.
    case serverDraining = "server.draining"
    /// The last thing that is said.
    case serverStopped = "server.stopped"
    /// A signal asks for something that this build cannot do, and nothing has changed.
    case signalIgnored = "server.signal_ignored"
    /// A configuration is served in place of another.
    case configReloaded = "config.reloaded"
    /// A configuration or a file is not served, and why; what was served in its place goes on.
    case configRejected = "config.rejected"
    /// Something in the configuration is served but deserves a look.
    case configWarning = "config.warning"
    /// An address is listened on.
    case listenerOpened = "listener.opened"
    /// An address is listened on no more.
    case listenerClosed = "listener.closed"
    /// The admin endpoint answers at an address.
    case adminOpened = "admin.opened"
    /// Certificate files have changed, and what they hold is served.
    case certificateReplaced = "certificate.replaced"
    /// A certificate in service expires soon; at start, at reload and once a day.
    case certificateExpiring = "certificate.expiring"
    /// A certificate in service has expired; at start, at reload and once a day.
    case certificateExpired = "certificate.expired"
    /// A revocation list in service must be renewed soon; at start, at reload and once a day.
    case revocationListExpiring = "tls.crl.expiring"
    /// A revocation list has not been renewed: clients of its authority are refused; at start, at
    /// reload and once a day.
    case revocationListExpired = "tls.crl.expired"
    /// Session tickets are sealed with another key, or an old one was forgotten.
    case ticketKeysRotated = "tls.ticket_keys.rotated"
    /// A client could not be agreed with; sampled.
    case handshakeFailed = "tls.handshake.failed"
    /// An authority has said that a certificate is not revoked, and clients are sent that.
    case ocspRefreshed = "tls.ocsp.refreshed"
    /// No such word could be had, read or kept, and why; it is tried again.
    case ocspFailed = "tls.ocsp.failed"
    /// An authority has revoked a certificate in service.
    case ocspRevoked = "tls.ocsp.revoked"
    /// A connection did not begin as the PROXY protocol wants it, or came from whom it is not
    /// believed; sampled.
    case proxyHeaderRefused = "proxy_protocol.refused"
    /// A server failed a request; sampled.
    case upstreamFailed = "upstream.failed"
    /// The servers of a backend are others than before: names, SRV records or a file say so.
    case serversChanged = "upstream.servers_changed"
    /// A name could not be looked up, and why; what was known of it stays, and it is tried again.
    case lookupFailed = "upstream.lookup_failed"
    /// A name can be looked up again.
    case lookupRecovered = "upstream.lookup_recovered"
    /// A file of servers has a mistake, and where; the servers stay as they are.
    case serverFileRejected = "upstream.file_rejected"
    /// A request met a limit of its backend; sampled.
    case upstreamLimited = "upstream.limited"
    /// An operator lets a server take no new clients.
    case serverDrained = "upstream.server_drained"
    /// An operator lets a server take new clients again.
    case serverTakesClients = "upstream.server_ready"
    /// Checks have found a server well: requests go there again.
    case serverUp = "upstream.server_up"
    /// Checks have found a server down: no requests go there.
    case serverDown = "upstream.server_down"
    /// A server has failed so many requests that none go there for a while.
    case serverEjected = "upstream.server_ejected"
    /// The time is over for which a server was left out.
    case serverReadmitted = "upstream.server_readmitted"
    /// So few servers of a backend are well that all are used, or no more.
    case upstreamPanic = "upstream.panic"
    /// The process has no descriptors left: accepting pauses.
    case descriptorsExhausted = "worker.descriptors_exhausted"
    /// There are as many connections as may be: accepting pauses.
    case connectionLimitReached = "worker.connection_limit_reached"
    /// An address is held to a limit; sampled.
    case clientLimited = "client.limited"
    /// The process takes more memory than is good, or no more: load is shed, or no more.
    case memoryPressure = "memory.pressure"
    /// The last exchange of an old configuration has ended.
    case snapshotReleased = "snapshot.released"
    /// The logs were opened anew.
    case logReopened = "log.reopened"
    /// Log lines were lost.
    case logDropped = "log.dropped"
    /// The secrets of TLS sessions are written to a file, as the command line asked for.
    case keyLogOpened = "tls.key_log.opened"
    /// An HTTP/2 connection was ended for its client's fault; sampled.
    case http2Failed = "http2.failed"
    /// Something that should not happen has happened.
    case internalError = "internal.error"
}

/// A value in an event line.
public enum EventValue: Sendable {
    /// Written as it is, or in quotes where needed.
    case text(String)
    /// A number.
    case int(Int)
}

/// The log of what happens to the instance: one line an event, a stable name, then key=value pairs.
///
/// Any thread may write; requests never do.
public final class EventLog: Sendable {
    private let minimum: EventLevel
    private let channel: Mutex<LogChannel>

    /// Writes events of `minimum` and above to `sink`.
    public init(sink: LogSink, minimum: EventLevel) {
        self.minimum = minimum
        channel = Mutex(sink.makeChannel())
    }

    /// True exactly when events of this level are written.
    func writes(_ level: EventLevel) -> Bool { level >= minimum }

    /// Writes one event.
    public func emit(
        _ level: EventLevel, _ name: EventName, _ fields: (StaticString, EventValue)...
    ) {
        emit(level, name, fields: fields)
    }

    /// Writes one event, whose fields are not always the same.
    func emit(
        _ level: EventLevel, _ name: EventName, fields: [(key: StaticString, value: EventValue)]
    ) {
        guard writes(level) else { return }
        var line = ByteQueue()
        WallTime.now().appendISO8601(to: &line)
        line.append(" ")
        line.append(level.label)
        line.append(" ")
        line.append(name.rawValue)
        for (key, value) in fields {
            line.append(" ")
            line.append(key)
            line.append("=")
            switch value {
            case .int(let number): line.append(decimal: number)
            case .text(let text): EventLog.append(text, to: &line)
            }
        }
        line.append("\n")
        channel.withLock { channel in
            channel.write(line.bytes)
            channel.flush()
        }
    }

    /// A value that could be misread, or could forge a line, stands in quotes.
    private static func append(_ text: String, to line: inout ByteQueue) {
        let isPlain =
            !text.isEmpty
            && text.unicodeScalars.allSatisfy {
                $0 != " " && $0 != "\"" && $0 != "=" && !$0.isDeceptive
            }
        if isPlain {
            line.append(text)
            return
        }
        line.append("\"")
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": line.append("\\\"")
            case "\\": line.append("\\\\")
            case "\n": line.append("\\n")
            default: line.append(scalar.isDeceptive ? " " : String(scalar))
            }
        }
        line.append("\"")
    }
}

internal import Bytes
internal import Config
internal import HTTP
internal import Platform
internal import TLS
internal import Telemetry

extension Worker {
    /// Counts what has become of early data.
    mutating func countEarlyData(_ fate: EarlyDataFate, _ connection: DownstreamConnection) {
        let result: EarlyDataResult =
            switch fate {
            case .accepted: .accepted
            case .replayed: .replayed
            case .refused: .refused
            }
        metrics.earlyDataOffered(connection.binding.plan.label, result: result)
    }

    /// Serves what came before the end of the handshake, whose deadline goes on beside those of the
    /// requests.
    mutating func beginEarly(_ connection: DownstreamConnection) {
        connection.handshakeDeadline = connection.deadline
        connection.early = .serving
        connection.transition(to: .http1)
    }

    /// Leaves the next request where it is until the handshake has ended.
    mutating func waitForHandshake(_ exchange: Exchange, on connection: DownstreamConnection) {
        connection.exchange = nil
        recycle(exchange)
        connection.early = .waiting
        clearDeadline(connection)
    }

    /// The handshake has ended: what was served before it is known to come from the client itself.
    /// Returns true exactly when the connection is to end now.
    mutating func endEarly(_ connection: DownstreamConnection) -> Bool {
        let stage = connection.early
        connection.early = .none
        connection.handshakeDeadline = .distantFuture
        let hasNoDeadline = stage == .waiting || connection.deadlineKind == .handshake
        if hasNoDeadline, let snapshot = installed?.snapshot {
            setDeadline(connection, .requestHead, after: snapshot.settings.timeouts.requestHead)
        }
        return stage == .ending
    }

    /// The handshake has failed while requests were being served: nobody knows who asked.
    mutating func abandonEarly(_ connection: DownstreamConnection) {
        connection.early = .none
        connection.handshakeDeadline = .distantFuture
        if connection.exchange?.isBegun == true {
            abort(connection, because: ProxyError(.clientClosed))
        } else {
            beginClosing(connection)
        }
    }

    /// Puts off the end of a connection until its handshake has ended; what else comes is dropped.
    mutating func endAfterHandshake(_ connection: DownstreamConnection) {
        connection.early = .ending
        connection.inbound.removeAll()
        clearDeadline(connection)
        markDirty(connection)
    }
}

extension RequestHead {
    /// True exactly when it does no harm that somebody sends the request again: a safe method
    /// (RFC 9110 §9.2.1) whose answer cannot change the protocol, and no body.
    var mayBeRepeated: Bool {
        guard method == .get || method == .head || method == .options, !hasUpgrade else {
            return false
        }
        return framing == .none || framing == .length(0)
    }
}

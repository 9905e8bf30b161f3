internal import Bytes
internal import Platform
internal import Telemetry

extension Worker {
    /// Takes what the control thread says of memory; while it is short, again and again.
    mutating func take(_ pressure: MemoryPressure) {
        self.pressure = pressure
        guard pressure > .none else { return }
        spareExchanges.removeAll()
        buffers.releaseIdle()
        closeIdle()
    }

    /// True exactly when new connections are closed at once. A worker with next to none takes them
    /// all the same: nothing would become free, and a limit that is too small for what is
    /// configured would stop all service for ever.
    var shedsConnections: Bool { pressure > .none && downstreams.count >= Worker.sheddingFloor }

    /// True exactly when requests are refused, by the same rule.
    var shedsRequests: Bool { pressure == .critical && downstreams.count >= Worker.sheddingFloor }

    /// Closes a part of the idle connections, those first that have been idle longest: the next
    /// sample says whether that was enough.
    private mutating func closeIdle() {
        var idle: [DownstreamConnection] = []
        for connection in downstreams.all {
            if isIdle(connection) { idle.append(connection) }
        }
        let count = max(Worker.sheddingFloor, idle.count / Worker.sheddingPart)
        idle.sort { $0.deadline < $1.deadline }
        for connection in idle.prefix(count) {
            reached(.memory, connection)
            beginClosing(connection)
        }
    }

    /// True exactly when a connection waits for its next request and nothing has come of it.
    private mutating func isIdle(_ connection: DownstreamConnection) -> Bool {
        if connection.phase == .http2 {
            return connection.link?.count == 0 && connection.outbound.isEmpty
        }
        return connection.phase == .http1 && connection.exchange == nil && connection.early == .none
            && connection.deadlineKind == .keepAlive && connection.inbound.isEmpty
            && connection.outbound.isEmpty
    }

    /// With fewer connections than this, a worker refuses nothing for want of memory.
    static let sheddingFloor = 16
    /// One in so many idle connections is closed for each sample.
    static let sheddingPart = 4
}

internal import Bytes
public import Platform

/// What one worker counts. Worker only; the registry reads the cells meanwhile.
///
/// A series is made when it is first counted; from then on counting is a look-up, a load and a
/// store. A value of which there is no copy, like the worker, so that no access is checked.
public struct WorkerMetrics: ~Copyable {
    private var index = SeriesIndex()
    private let names: NameTable
    /// The numbers of reasons that were counted before, so that the table's lock is taken once for
    /// each.
    private var reasons: [String: UInt16] = [:]
    /// The same for suites and groups, which have numbers in TLS: so few that looking at each is
    /// the fastest.
    private var suites: [NumberedName] = []
    private var groups: [NumberedName] = []

    /// What the registry reads.
    var table: SeriesTable { index.table }

    init(names: NameTable) {
        self.names = names
    }

    /// A connection was accepted.
    public mutating func connectionOpened(_ listener: ListenerLabel) {
        index.add(1, to: SeriesKey(.connections, a: listener.index))
        index.add(1, to: SeriesKey(.connectionsActive, a: listener.index))
    }

    /// A connection was closed.
    public mutating func connectionClosed(_ listener: ListenerLabel) {
        index.subtract(1, from: SeriesKey(.connectionsActive, a: listener.index))
    }

    /// A connection was not accepted.
    public mutating func connectionRefused(_ listener: ListenerLabel, reason: RefusalReason) {
        index.add(1, to: SeriesKey(.connectionsRefused, a: listener.index, b: reason.rawValue))
    }

    /// An HTTP/2 connection was ended for its client's fault.
    public mutating func http2Failed(_ listener: ListenerLabel, _ code: HTTP2ErrorLabel) {
        index.add(1, to: SeriesKey(.http2Errors, a: listener.index, b: code.rawValue))
    }

    /// A client has reached a limit.
    public mutating func limitReached(_ listener: ListenerLabel, _ limit: LimitLabel) {
        index.add(1, to: SeriesKey(.limits, a: listener.index, b: limit.rawValue))
    }

    /// A TLS handshake was completed.
    ///
    /// - Parameter version: as on the wire: 0x0303 or 0x0304.
    public mutating func handshakeCompleted(
        _ listener: ListenerLabel, version: UInt16, resumption: Resumption, duration: Duration
    ) {
        index.add(
            1, to: SeriesKey(.handshakes, a: listener.index, b: resumption.rawValue, d: version))
        index.observe(
            duration.wholeNanoseconds,
            in: SeriesKey(.handshakeDuration, a: listener.index, b: resumption.rawValue),
            bounds: MetricFamily.handshakeBounds)
    }

    /// Counts a handshake that chose a suite; false where the suite has no name yet.
    public mutating func countSuite(_ suite: UInt16, on listener: ListenerLabel) -> Bool {
        guard let known = suites.first(where: { $0.number == suite }) else { return false }
        index.add(1, to: SeriesKey(.suites, a: listener.index, d: known.label))
        return true
    }

    /// Names a suite, as the standard writes it, and counts its first handshake.
    public mutating func nameSuite(_ suite: UInt16, _ name: String, on listener: ListenerLabel) {
        suites.append(NumberedName(number: suite, label: names.reason(name)))
        _ = countSuite(suite, on: listener)
    }

    /// Counts a handshake that chose a group; false where the group has no name yet.
    public mutating func countGroup(_ group: UInt16, on listener: ListenerLabel) -> Bool {
        guard let known = groups.first(where: { $0.number == group }) else { return false }
        index.add(1, to: SeriesKey(.groups, a: listener.index, d: known.label))
        return true
    }

    /// Names a group and counts its first handshake.
    public mutating func nameGroup(_ group: UInt16, _ name: String, on listener: ListenerLabel) {
        groups.append(NumberedName(number: group, label: names.reason(name)))
        _ = countGroup(group, on: listener)
    }

    /// A client offered early data.
    public mutating func earlyDataOffered(_ listener: ListenerLabel, result: EarlyDataResult) {
        index.add(1, to: SeriesKey(.earlyData, a: listener.index, b: result.rawValue))
    }

    /// A TLS handshake failed.
    ///
    /// - Parameter reason: one of a closed list.
    public mutating func handshakeFailed(_ listener: ListenerLabel, reason: String) {
        let label = reasons[reason] ?? names.reason(reason)
        reasons[reason] = label
        index.add(1, to: SeriesKey(.handshakeFailures, a: listener.index, d: label))
    }

    /// An exchange has ended.
    ///
    /// - Parameters:
    ///   - site: nil where the request named none.
    ///   - method: the index in `MethodLabel`, so that no client makes a label.
    public mutating func requestFinished(
        site: SiteLabel?, version: RequestVersion, method: UInt8, status: Int, duration: Duration,
        bytesIn: Int, bytesOut: Int
    ) {
        let site = site?.index ?? 0
        let answered = SeriesKey(
            .requests, a: site, b: version.rawValue, c: method, d: UInt16(clamping: status))
        index.countRequest(
            answered, site: site, nanoseconds: duration.wholeNanoseconds, bytesIn: bytesIn,
            bytesOut: bytesOut)
    }

    /// A request was given to a server.
    public mutating func upstreamRequest(_ server: ServerLabel) {
        index.add(1, to: SeriesKey(.upstreamRequests, a: server.index))
    }

    /// A server failed a request.
    public mutating func upstreamFailed(_ server: ServerLabel, reason: UpstreamFailureReason) {
        index.add(1, to: SeriesKey(.upstreamFailures, a: server.index, b: reason.rawValue))
    }

    /// A request that a server failed was given to a server again.
    public mutating func upstreamRetried(_ server: ServerLabel, cause: RetryLabel) {
        index.add(1, to: SeriesKey(.upstreamRetries, a: server.index, b: cause.rawValue))
    }

    /// A request met a limit of its backend.
    public mutating func backendLimitReached(_ backend: BackendLabel, _ limit: BackendLimitLabel) {
        index.add(1, to: SeriesKey(.upstreamLimits, a: backend.index, b: limit.rawValue))
    }

    /// Requests that wait for a server became more or fewer.
    public mutating func upstreamQueued(_ backend: BackendLabel, by change: Int) {
        index.add(
            UInt64(bitPattern: Int64(change)), to: SeriesKey(.upstreamQueue, a: backend.index))
    }

    /// Connections that serve a request became more or fewer.
    public mutating func upstreamActive(_ server: ServerLabel, by change: Int) {
        index.add(
            UInt64(bitPattern: Int64(change)), to: SeriesKey(.upstreamActive, a: server.index))
    }

    /// Idle connections became more or fewer.
    public mutating func upstreamIdle(_ server: ServerLabel, by change: Int) {
        index.add(UInt64(bitPattern: Int64(change)), to: SeriesKey(.upstreamIdle, a: server.index))
    }

    /// A connection that was idle serves a request.
    public mutating func upstreamWoke(_ server: ServerLabel) {
        index.move(
            from: SeriesKey(.upstreamIdle, a: server.index),
            to: SeriesKey(.upstreamActive, a: server.index))
    }

    /// A connection that has served a request is idle.
    public mutating func upstreamRested(_ server: ServerLabel) {
        index.move(
            from: SeriesKey(.upstreamActive, a: server.index),
            to: SeriesKey(.upstreamIdle, a: server.index))
    }

    /// A server took a connection (`isUp`) or refused it. The latest attempt of any worker decides
    /// what `martlet_upstream_up` says.
    public mutating func upstreamTried(_ server: ServerLabel, isUp: Bool, now: MonotonicTime) {
        index.set(
            ServerVerdict(isUp: isUp, time: now).packed,
            in: SeriesKey(.upstreamUp, a: server.index))
    }

    /// Adds to a series.
    mutating func count(_ amount: UInt64, _ key: SeriesKey) { index.add(amount, to: key) }

    /// An event came for a connection that was closed already.
    public mutating func staleEvent() {
        index.add(1, to: SeriesKey(.staleEvents))
    }
}

/// What has a number in TLS, and the label of its name.
private struct NumberedName {
    let number: UInt16
    let label: UInt16
}

extension SeriesIndex {
    /// Takes one from a gauge and adds it to another.
    fileprivate mutating func move(from one: SeriesKey, to other: SeriesKey) {
        subtract(1, from: one)
        add(1, to: other)
    }

    /// Counts all that there is to count of a request, in one access to the index.
    fileprivate mutating func countRequest(
        _ answered: SeriesKey, site: UInt32, nanoseconds: Int64, bytesIn: Int, bytesOut: Int
    ) {
        add(1, to: answered)
        observe(
            nanoseconds, in: SeriesKey(.requestDuration, a: site),
            bounds: MetricFamily.requestBounds)
        if bytesIn > 0 { add(UInt64(bytesIn), to: SeriesKey(.bytes, a: site, b: 0)) }
        if bytesOut > 0 { add(UInt64(bytesOut), to: SeriesKey(.bytes, a: site, b: 1)) }
    }
}

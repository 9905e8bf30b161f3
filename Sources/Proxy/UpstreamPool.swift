internal import Config
internal import Platform

/// One worker's idle connections to one server, and what it knows of the server's health.
final class UpstreamPool {
    /// What makes the connections in here interchangeable, and rules that a reload may change.
    var plan: ServerPlan
    /// Idle connections; the one used last is taken first, so that the others age out.
    private(set) var idle: [UpstreamConnection] = []
    /// Idle connections each of which belongs to one client's connection.
    private(set) var owned: [UpstreamConnection] = []
    /// Connections that many exchanges share, those that are being opened and those at rest too.
    private(set) var shared: [UpstreamConnection] = []
    /// What is under way to the server, also by the pools that it had before.
    let load: ServerLoad
    /// How long it takes to begin its answers.
    private var delay = Latency()
    /// How many streams the server takes on one connection, as it has said last; a new connection
    /// is trusted with no more before it has spoken.
    var streamLimit = Int.max
    /// Whether requests should go to the server.
    var standing: ServerStanding
    /// How the server has answered this worker's requests.
    var outliers = OutlierCounter()
    /// True exactly when no installed snapshot names the server any more: nothing is kept.
    var isRetired = false
    /// How much of everything there may be.
    var limits = BackendLimitConfig()
    /// What is under way for the backend.
    var tally: BackendTally?
    /// How many streams there may be on one connection.
    var streamsPerConnection = Int.max

    /// What resumes TLS with the server.
    private let tickets = TicketShelf()
    /// The same of connections that have offered no protocol.
    private let ticketsForBytes = TicketShelf()

    init(plan: ServerPlan, load: ServerLoad = ServerLoad()) {
        self.plan = plan
        self.load = load
        standing = plan.standing
    }

    /// How many requests are under way to the server, on whatever connections.
    var outstanding: Int { load.outstanding }

    /// How many connections are open or being opened.
    var openCount: Int { load.openCount }

    /// A request is on its way to the server.
    func began() {
        load.outstanding += 1
        load.group?.outstanding += 1
    }

    /// The server has no more to do for a request.
    ///
    /// - Parameters:
    ///   - sentAt: when the request was handed to a connection, if it was.
    ///   - firstByteAt: when the answer began, if it did.
    func ended(sentAt: MonotonicTime?, firstByteAt: MonotonicTime?, now: MonotonicTime) {
        load.outstanding -= 1
        load.group?.outstanding -= 1
        guard let sentAt else { return }
        let waited = (firstByteAt ?? now).nanoseconds &- sentAt.nanoseconds
        if firstByteAt != nil {
            delay.add(waited, now: now)
        } else {
            delay.atLeast(waited, now: now)
        }
    }

    /// How long it takes to begin its answers, in nanoseconds; 0 where nothing is known.
    func latency(now: MonotonicTime) -> Int64 { delay.value(now: now) }

    /// Notes that the server refused a connection or did not take it in time.
    func avoid(now: MonotonicTime) {
        var next = standing
        next.avoid(now: now)
        standing = next
    }

    /// Takes an idle connection that is nobody's, or nil.
    func checkOut() -> UpstreamConnection? {
        idle.popLast()
    }

    /// What resumes TLS with the server, for requests or for the bytes of TCP sites: the two offer
    /// different protocols, and no session goes from one to the other.
    func tickets(forBytes: Bool) -> TicketShelf { forBytes ? ticketsForBytes : tickets }

    /// Keeps a connection that is ready for another request; false if there are `limit` already of
    /// those that are nobody's, or of the others.
    func checkIn(_ connection: UpstreamConnection, limit: Int) -> Bool {
        guard !isRetired, !standing.isDrained else { return false }
        guard connection.owner == nil else {
            guard owned.count < limit else { return false }
            owned.append(connection)
            return true
        }
        guard idle.count < limit else { return false }
        idle.append(connection)
        return true
    }

    /// A shared connection that takes another stream, an open one where there is one, and the
    /// oldest, so that the youngest come to rest; nil where there is none.
    ///
    /// - Parameters:
    ///   - limit: how many streams are under way on one at most.
    ///   - wish: which ones are welcome.
    func share(limit: Int, _ wish: SharingWish) -> UpstreamConnection? {
        var opening: UpstreamConnection?
        for connection in shared {
            guard let link = connection.link, link.hasRoom(limit: min(limit, max(1, streamLimit)))
            else { continue }
            if connection.phase == .connecting {
                if wish == .opening { return connection }
                opening = opening ?? connection
            } else if wish != .opening, !connection.isPeerDone, !connection.isEndAnnounced {
                return connection
            }
        }
        return wish == .open ? nil : opening
    }

    /// Takes in a connection that is being opened for many exchanges.
    func add(_ connection: UpstreamConnection) {
        shared.append(connection)
        connection.link?.serverLoad = load
    }

    /// How many shared connections rest.
    var restingCount: Int { shared.reduce(0) { $0 + ($1.phase == .idle ? 1 : 0) } }

    /// Forgets a connection that is being closed.
    func forget(_ connection: UpstreamConnection) {
        if let index = shared.firstIndex(where: { $0 === connection }) {
            shared.remove(at: index)
            connection.link?.serverLoad = nil
        }
        if let index = idle.lastIndex(where: { $0 === connection }) { idle.remove(at: index) }
        if let index = owned.lastIndex(where: { $0 === connection }) { owned.remove(at: index) }
    }
}

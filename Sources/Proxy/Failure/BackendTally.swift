/// What one worker has under way for one backend, whichever snapshots its requests belong to: what
/// is counted, and the order in which those who wait for a server have come. Worker only.
final class BackendTally {
    /// How many further attempts are left.
    var budget: RetryBudget
    /// In how many snapshots that somebody still holds the backend is.
    var loads = 0
    /// How many wait for a connection to be made.
    var pending = 0
    /// Those that no server has taken a connection of.
    var held = HeldLine()
    /// How many wait for a server.
    var queued = 0
    /// The snapshots of which somebody waits, each with its part of the line; few, since those
    /// before the newest end with their exchanges.
    ///
    /// Invariant: none of their lines is empty.
    private(set) var waiting: [BackendLoad] = []
    /// How many have come to wait so far.
    private var arrivals: UInt64 = 0
    /// True exactly while the line is being served.
    var isServing = false

    /// What is served at present, where that names the backend: the servers of those whose own ones
    /// are all gone. A cycle, which ends when the snapshot is replaced or the worker stops: a weak
    /// reference would make each retain of the snapshot a slow one.
    private var newest: InstalledSnapshot?
    /// Which of its groups the backend is.
    private var group = 0

    /// - Parameter budget: how many percent of the requests may be further attempts.
    init(budget: Int?) { self.budget = RetryBudget(percent: budget) }

    /// Where the newest servers of the backend are; nil where no backend has its name any more.
    var newestPlace: BackendPlace? { newest.map { BackendPlace(installed: $0, group: group) } }

    /// Takes note of the newest servers.
    func follow(_ place: BackendPlace?) {
        newest = place?.installed
        group = place?.group ?? 0
    }

    // MARK: - The line

    /// A place in the line, for leaving it.
    struct Ticket {
        /// In whose part of the line it is.
        let load: BackendLoad
        /// The ticket of that part.
        let place: Int
        /// How many have come before, over all parts.
        let number: UInt64
    }

    /// Takes a place behind all others.
    func append(_ exchange: Exchange, _ load: BackendLoad) {
        let place = load.line.append(exchange)
        exchange.waitTicket = Ticket(load: load, place: place, number: arrivals)
        arrivals += 1
        queued += 1
        if !waiting.contains(where: { $0 === load }) { waiting.append(load) }
    }

    /// Gives up a place.
    func remove(_ ticket: Ticket) {
        ticket.load.line.remove(ticket.place)
        queued -= 1
        if ticket.load.line.isEmpty { waiting.removeAll { $0 === ticket.load } }
    }

    /// Whose turn it is: of those whose part of the line moves, the one that came first.
    var next: BackendLoad? {
        var next: BackendLoad?
        var least = UInt64.max
        for load in waiting where !load.isStuck {
            guard let number = load.line.first?.waitTicket?.number, number < least else { continue }
            (next, least) = (load, number)
        }
        return next
    }

    /// Another part of the line may move.
    func unstick() {
        for load in waiting { load.isStuck = false }
    }
}

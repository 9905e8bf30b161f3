internal import TLS

/// What resumes TLS with one server: the sessions of one worker for one use. Worker only.
final class TicketShelf {
    /// The newest last.
    private var tickets: [TLSClientTicket] = []

    /// Takes the newest; nil where there is none.
    func take() -> TLSClientTicket? {
        guard let last = tickets.last else { return nil }
        if last.isSingleUse { tickets.removeLast() }
        return last
    }

    /// Keeps what resumes TLS, the newest few.
    func keep(_ ticket: TLSClientTicket) {
        // A session of TLS 1.2 is resumed again and again: one is enough.
        if !ticket.isSingleUse { tickets.removeAll(keepingCapacity: true) }
        if tickets.count == TicketShelf.limit { tickets.removeFirst() }
        tickets.append(ticket)
    }

    /// Forgets all: a server may know none of them any more, and say so by ending handshakes.
    func removeAll() { tickets.removeAll(keepingCapacity: true) }

    /// How many sessions are kept for later: as many connections as a worker may open at once after
    /// a quiet time.
    static let limit = 8
}

internal import Platform
internal import TLS

/// Exchanges that wait for what is found about their passwords, in the order in which they came,
/// which is that of their deadlines.
struct PendingPasswords {
    /// One of them.
    struct Entry {
        let exchange: Exchange
        /// The name that the password is to prove.
        let user: [UInt8]
        let client: AddressKey
        /// The exchange's number while it waits: it may have ended and serve another request.
        let ticket: UInt64
        let digest: SHA256Digest
        let deadline: MonotonicTime
        /// True exactly when the password is being looked at for this one, until the deadline;
        /// false where another one of the same has had it looked at.
        let isAsking: Bool
    }

    private var entries: [Entry] = []
    private var lastTicket: UInt64 = 0

    /// When the first of them has waited long enough; nil where nobody waits.
    var nextDeadline: MonotonicTime? { entries.first?.deadline }

    /// True exactly when no more of this client may wait: one password on many streams needs one
    /// look only, but a place for each.
    func isFull(for client: AddressKey) -> Bool {
        guard entries.count < PendingPasswords.limit else { return true }
        return entries.count { $0.client == client } >= PendingPasswords.share
    }

    /// True exactly when the digest is being looked at.
    func contains(_ digest: SHA256Digest) -> Bool {
        entries.contains { $0.isAsking && $0.digest == digest }
    }

    /// Lets an exchange wait.
    mutating func append(
        _ exchange: Exchange, named user: [UInt8], _ check: PasswordCheck, isAsking: Bool
    ) {
        lastTicket += 1
        exchange.ticket = lastTicket
        entries.append(
            Entry(
                exchange: exchange, user: user, client: check.client, ticket: lastTicket,
                digest: check.digest, deadline: check.deadline, isAsking: isAsking))
    }

    /// Takes out the exchanges that wait for this digest and still do.
    mutating func take(_ digest: SHA256Digest) -> [Entry] {
        let found = entries.filter { $0.digest == digest }
        entries.removeAll { $0.digest == digest }
        return PendingPasswords.waiting(found)
    }

    /// Takes out the exchanges that have waited long enough and still do.
    mutating func takeExpired(now: MonotonicTime) -> [Entry] {
        let count = entries.prefix { $0.deadline <= now }.count
        let found = Array(entries.prefix(count))
        entries.removeFirst(count)
        return PendingPasswords.waiting(found)
    }

    /// How many wait at most.
    static let limit = 1_024
    /// How many of one client wait at most.
    static let share = limit / 8

    private static func waiting(_ entries: [Entry]) -> [Entry] {
        entries.filter { entry in
            guard entry.exchange.ticket == entry.ticket else { return false }
            entry.exchange.ticket = 0
            return true
        }
    }
}

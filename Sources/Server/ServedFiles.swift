internal import Config
internal import TLS

/// What is served of files other than certificates: it stands in for what does not load now, where
/// the rest is to be taken in all the same.
///
/// Control thread only.
final class ServedFiles {
    /// Who vouches for clients and for servers.
    var authorities = StandIns<ClientAuthorities>()
    var revocationLists = StandIns<RevocationLists>()
    var accounts = StandIns<[PasswordEntry]>()
    var ticketKeys = StandIns<TicketKeys>()

    /// True exactly when what is served stands in for what does not load.
    private(set) var salvages = false

    /// Begins with another build.
    func begin(salvages: Bool) {
        self.salvages = salvages
        authorities.begin(salvages: salvages)
        revocationLists.begin(salvages: salvages)
        accounts.begin(salvages: salvages)
        ticketKeys.begin(salvages: salvages)
    }

    /// What was built last is going to be served.
    func commit() {
        authorities.commit()
        revocationLists.commit()
        accounts.commit()
        ticketKeys.commit()
    }
}

/// What was read of files of one kind, by their paths.
struct StandIns<Value> {
    /// What the present build uses, and what is being served.
    private var used: [String: Value] = [:]
    private var served: [String: Value] = [:]
    private var salvages = false

    /// Begins with another build.
    mutating func begin(salvages: Bool) {
        self.salvages = salvages
        used = [:]
    }

    /// Takes note of what was read of the file at `path`.
    mutating func use(_ value: Value, of path: String) { used[path] = value }

    /// What is being served of a file that does not load now; nil where nothing is, or where a
    /// file that does not load is a reason against the whole.
    mutating func standIn(for path: String) -> Value? {
        guard salvages, let old = served[path] else { return nil }
        used[path] = old
        return old
    }

    /// What was built last is going to be served.
    mutating func commit() { served = used }
}

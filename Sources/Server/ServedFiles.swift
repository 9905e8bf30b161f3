internal import Config
internal import TLS

/// What becomes of a renewal where files do not load.
enum Salvage {
    /// Each such file is a reason against the whole.
    case off
    /// What is being served stands in for them.
    case files
    /// It also stands in for certificates with another kind of key: nobody may have a use for it.
    case keys
}

/// What is served of files other than the certificates of sites: it stands in for what does not
/// load now, where the rest is to be taken in all the same.
///
/// What belongs together stands in as one: a revocation list says nothing of the clients of another
/// authority, and would refuse them all. Control thread only.
final class ServedFiles {
    /// Policies of client certificates, by what the configuration says of each.
    var policies = StandIns<ClientPolicy>()
    /// How TLS is spoken with backends, by their names.
    var backends = StandIns<BackendTLS>()
    /// Names and passwords, by the paths of their files.
    var accounts = StandIns<[PasswordEntry]>()
    /// Ticket keys, by the path of their file.
    var ticketKeys = StandIns<TicketKeys>()

    /// True exactly when what is served stands in for what does not load.
    private(set) var salvages = false

    /// Begins with another build.
    func begin(salvages: Bool) {
        self.salvages = salvages
        policies.begin(salvages: salvages)
        backends.begin(salvages: salvages)
        accounts.begin(salvages: salvages)
        ticketKeys.begin(salvages: salvages)
    }

    /// What was built last is going to be served.
    func commit() {
        policies.commit()
        backends.commit()
        accounts.commit()
        ticketKeys.commit()
    }
}

/// A policy of client certificates, and the lists that it goes by, in the configuration's order.
struct ClientPolicy {
    let verification: ClientVerification
    let lists: [RevocationLists]
}

/// How TLS is spoken with a backend's servers.
struct BackendTLS {
    let context: TLSClientContext
    /// What is shown to them, and the files that it is from; nil where nothing is.
    let credential: Credential?
    let pair: CertificatePair?
    /// The lists that it goes by, in the configuration's order.
    let lists: [RevocationLists]
}

/// What was made of files of one kind, by their names.
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

    /// Takes note of what was made of what `name` stands for.
    mutating func use(_ value: Value, of name: String) { used[name] = value }

    /// What is being served by that name; nil where nothing is.
    func served(by name: String) -> Value? { served[name] }

    /// What is being served in place of what does not load now; nil where nothing is, or where
    /// what does not load is a reason against the whole.
    mutating func standIn(for name: String) -> Value? {
        guard salvages, let old = served[name] else { return nil }
        used[name] = old
        return old
    }

    /// What was built last is going to be served.
    mutating func commit() { served = used }
}

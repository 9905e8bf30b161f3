internal import COpenSSL

extension TLSSession {
    /// Who the client has shown itself to be; nil where it was not asked or has shown nothing. Read
    /// once for each connection.
    public var clientIdentity: ClientIdentity? {
        mutating get { clientRecord().identity }
    }

    /// What a request on this connection is, under the policy of its site at present.
    ///
    /// A reload may have changed the policy since the handshake: the certificate is verified anew
    /// then, once, so that a revocation list that was replaced refuses those whom it names and
    /// nobody else. Requests that come behind a refusal cost no verification each.
    public mutating func standing(under policy: ClientVerification?) -> ClientStanding {
        guard let policy else { return .accepted }
        let record = clientRecord()
        if record.policy !== policy {
            guard let known = record.policy, record.refused !== policy else { return .misdirected }
            if known.digest != policy.digest {
                // SAFETY: lifetime: the session outlives the call.
                let isGood =
                    record.identity == nil
                    ? policy.mode == .optional
                    : unsafe policy.accepts(certificateOf: channel.session)
                guard isGood else {
                    record.refused = policy
                    return .misdirected
                }
            }
            record.policy = policy
            record.isAllowed = policy.allows(record.identity)
        }
        return record.isAllowed ? .accepted : .forbidden
    }

    private mutating func clientRecord() -> ClientRecord {
        if let client { return client }
        let policy = site.flatMap { context.store.clientVerification(of: $0) }
        // SAFETY: lifetime: the session outlives the call.
        let identity = policy == nil ? nil : unsafe ClientIdentity(session: channel.session)
        let made = ClientRecord(policy: policy, identity: identity)
        client = made
        return made
    }
}

/// What a request is, as far as certificates of clients go.
public enum ClientStanding: Sendable {
    /// It may go on.
    case accepted
    /// It needs another connection, on which the client is asked anew.
    case misdirected
    /// The client is none of those who may come.
    case forbidden
}

/// What is known of a connection's client.
final class ClientRecord {
    /// The policy that the client was last judged by; nil where it was not asked.
    var policy: ClientVerification?
    /// The policy that its certificate was found not to be good by last; nil where none.
    var refused: ClientVerification?
    /// Who it is.
    let identity: ClientIdentity?
    /// True exactly when the policy lets it come.
    var isAllowed: Bool

    init(policy: ClientVerification?, identity: ClientIdentity?) {
        self.policy = policy
        self.identity = identity
        isAllowed = policy?.allows(identity) ?? true
    }
}

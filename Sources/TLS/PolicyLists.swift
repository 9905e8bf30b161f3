internal import COpenSSL

/// A policy as OpenSSL takes it: lists of what the library at run time has.
struct PolicyLists: Sendable, Equatable {
    private let minimum: Int32
    private let maximum: Int32
    private let suites12: String
    private let suites13: String
    private let groups: String
    private let signatureAlgorithms: String

    /// True exactly when finite-field Diffie-Hellman may be negotiated.
    let hasFiniteField: Bool

    init(_ policy: TLSPolicy, _ catalog: TLSCatalog = .current) {
        minimum = Int32(policy.minimumVersion.rawValue)
        maximum = Int32(policy.maximumVersion.rawValue)
        let suites = policy.cipherSuites.compactMap { catalog.cipherSuite(named: $0) }
        suites12 = PolicyLists.joined(suites.filter { $0.version == .tls12 }.map(\.name))
        suites13 = PolicyLists.joined(suites.filter { $0.version == .tls13 }.map(\.name))
        groups = PolicyLists.groupList(policy.groups.filter(catalog.groups.contains))
        signatureAlgorithms = PolicyLists.joined(
            policy.signatureAlgorithms.filter(catalog.signatureAlgorithms.contains))
        hasFiniteField = suites.contains { $0.name.hasPrefix("DHE-") }
    }

    /// The list of groups. Of those joined by a colon the server takes one that the client has sent
    /// a share of; over a slash it rather asks for a share of the better one. A round trip more is
    /// a small price for secrets that last, and for nothing else. Libraries that have the hybrids
    /// know the slash.
    static func groupList(_ groups: [String]) -> String {
        var list = ""
        var wasHybrid = false
        for group in groups {
            let isHybrid = group.contains("MLKEM")
            if !list.isEmpty { list += wasHybrid && !isHybrid ? "/" : ":" }
            list += group
            wasHybrid = isHybrid
        }
        return list
    }

    /// What tells one policy from another; a ticket is bound to it, since OpenSSL resumes with the
    /// suite of the ticket, even if that is served no more.
    var summary: String {
        "\(minimum) \(maximum) \(suites12) \(suites13) \(groups) \(signatureAlgorithms)"
    }

    private static func joined(_ names: [String]) -> String { names.joined(separator: ":") }

    /// Makes it what the sessions of a context negotiate.
    func apply(to context: OpaquePointer) throws(TLSError) {
        // SAFETY: lifetime: the context is the caller's; OpenSSL copies the strings.
        guard unsafe martlet_SSL_CTX_set_min_proto_version(context, minimum) == 1,
            unsafe martlet_SSL_CTX_set_max_proto_version(context, maximum) == 1
        else { throw ErrorQueue.takeError("set the versions") }
        // A list of TLS 1.2 cannot be empty; where only 1.3 is spoken, none is needed.
        guard unsafe SSL_CTX_set_ciphersuites(context, suites13) == 1,
            unsafe suites12.isEmpty || SSL_CTX_set_cipher_list(context, suites12) == 1
        else { throw ErrorQueue.takeError("set the suites") }
        guard unsafe martlet_SSL_CTX_set1_groups_list(context, groups) == 1 else {
            throw ErrorQueue.takeError("set the groups")
        }
        guard unsafe martlet_SSL_CTX_set1_sigalgs_list(context, signatureAlgorithms) == 1 else {
            throw ErrorQueue.takeError("set the signature algorithms")
        }
    }

    /// Makes it what one session negotiates; false where OpenSSL refuses, with the reason in the
    /// error queue.
    func apply(toSession session: OpaquePointer) -> Bool {
        // SAFETY: lifetime: the session is the caller's; OpenSSL copies the strings.
        unsafe martlet_SSL_set_min_proto_version(session, minimum) == 1
            && martlet_SSL_set_max_proto_version(session, maximum) == 1
            && SSL_set_ciphersuites(session, suites13) == 1
            && (suites12.isEmpty || SSL_set_cipher_list(session, suites12) == 1)
            && martlet_SSL_set1_groups_list(session, groups) == 1
            && martlet_SSL_set1_sigalgs_list(session, signatureAlgorithms) == 1
    }
}

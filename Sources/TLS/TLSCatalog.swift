internal import COpenSSL

/// What the OpenSSL at run time can negotiate, found out once.
public struct TLSCatalog: Sendable {
    /// What a name may stand for.
    public enum Kind: Sendable, CaseIterable {
        /// A suite of TLS 1.2 or 1.3.
        case cipherSuite
        /// A group of the key exchange.
        case group
        /// A signature algorithm.
        case signatureAlgorithm
    }

    /// The catalogue of the library that is loaded.
    public static let current = TLSCatalog()

    /// Every suite, weak ones among them.
    public let cipherSuites: [CipherSuite]

    /// The groups that are there and strong, in OpenSSL's names.
    public let groups: [String]

    /// The signature algorithms that are there and strong, in the standard's names.
    public let signatureAlgorithms: [String]

    private let suitesByName: [String: CipherSuite]

    private init() {
        let scratch = Scratch()
        cipherSuites = scratch.cipherSuites()
        groups = NegotiableName.groups.filter { $0.weakness == nil && scratch.has(group: $0.name) }
            .map(\.name)
        signatureAlgorithms = NegotiableName.signatureAlgorithms.filter {
            $0.weakness == nil && scratch.has(signatureAlgorithm: $0.name)
        }.map(\.name)
        var byName: [String: CipherSuite] = [:]
        for suite in cipherSuites {
            byName[suite.name.lowercased()] = suite
            byName[suite.standardName.lowercased()] = suite
        }
        suitesByName = byName
    }

    /// The suite of either name, or nil.
    public func cipherSuite(named name: String) -> CipherSuite? { suitesByName[name.lowercased()] }

    /// OpenSSL's name of what an operator calls `text`.
    ///
    /// - Throws: why it cannot be negotiated.
    public func resolve(_ text: String, as kind: Kind) throws(TLSNameError) -> String {
        switch kind {
        case .cipherSuite: return try resolveSuite(text)
        case .group: return try resolve(text, NegotiableName.groups, groups)
        case .signatureAlgorithm:
            return try resolve(text, NegotiableName.signatureAlgorithms, signatureAlgorithms)
        }
    }

    /// Every name that `resolve` takes, for suggestions.
    public func names(of kind: Kind) -> [String] {
        switch kind {
        case .cipherSuite:
            return cipherSuites.filter { $0.weakness == nil }.flatMap {
                [$0.standardName, $0.name]
            }
        case .group: return TLSCatalog.names(NegotiableName.groups, groups)
        case .signatureAlgorithm:
            return TLSCatalog.names(NegotiableName.signatureAlgorithms, signatureAlgorithms)
        }
    }

    private static func names(_ table: [NegotiableName], _ present: [String]) -> [String] {
        table.filter { present.contains($0.name) }.flatMap { [$0.name] + $0.aliases }
    }

    private func resolveSuite(_ text: String) throws(TLSNameError) -> String {
        if let suite = cipherSuite(named: text) {
            if let weakness = suite.weakness { throw .weak(weakness) }
            return suite.name
        }
        let capitals = text.uppercased()
        if capitals.utf8.contains(where: { ":!+@".utf8.contains($0) })
            || TLSCatalog.classes.contains(capitals)
        {
            throw .rule
        }
        if TLSCatalog.broken.contains(where: { capitals.contains($0) }) {
            throw .weak("its cipher is broken, and OpenSSL has it no more")
        }
        throw .unknown
    }

    private func resolve(
        _ text: String, _ table: [NegotiableName], _ present: [String]
    ) throws(TLSNameError) -> String {
        let wanted = text.lowercased()
        let entry = table.first { entry in
            entry.name.lowercased() == wanted
                || entry.aliases.contains { $0.lowercased() == wanted }
        }
        guard let entry else { throw text.contains(":") ? .rule : .unknown }
        if let weakness = entry.weakness { throw .weak(weakness) }
        guard present.contains(entry.name) else { throw .missing(since: entry.since) }
        return entry.name
    }

    /// Words that stand for many suites.
    private static let classes: Set = [
        "ALL", "HIGH", "MEDIUM", "LOW", "DEFAULT", "COMPLEMENTOFALL", "ECDHE", "EECDH", "DHE",
        "EDH", "AESGCM", "CHACHA20", "AES", "ECDSA", "RSA", "KECDHE", "KEECDH", "PROFILE=SYSTEM",
    ]

    /// Parts of the names of suites that OpenSSL 3 has no more.
    private static let broken = [
        "RC4", "RC2", "3DES", "DES_", "DES-", "EXP", "IDEA", "SEED", "MD5",
    ]

    /// A context that is used for nothing else.
    @safe private struct Scratch: ~Copyable {
        // SAFETY: owner: this value; lifetime: until `deinit`.
        private let context: OpaquePointer?

        init() { unsafe context = SSL_CTX_new(TLS_server_method()) }

        deinit {
            unsafe SSL_CTX_free(context)
            ERR_clear_error()
        }

        /// Every suite that can be named.
        func cipherSuites() -> [CipherSuite] {
            // SAFETY: the strings are copied; the list belongs to the context, its items to the
            // library; bound: the count that is asked for.
            unsafe SSL_CTX_set_security_level(context, 0)
            unsafe SSL_CTX_set_cipher_list(context, "ALL:COMPLEMENTOFALL")
            unsafe SSL_CTX_set_ciphersuites(context, Scratch.suites13)
            let list = unsafe SSL_CTX_get_ciphers(context)
            var found: [CipherSuite] = []
            for index in 0..<max(0, unsafe martlet_sk_SSL_CIPHER_num(list)) {
                guard let suite = unsafe martlet_sk_SSL_CIPHER_value(list, index) else { continue }
                found.append(CipherSuite(suite))
            }
            return found
        }

        /// True exactly when a group can be asked for.
        func has(group: String) -> Bool {
            // SAFETY: the string is copied.
            unsafe martlet_SSL_CTX_set1_groups_list(context, group) == 1
        }

        /// True exactly when a signature algorithm can be asked for.
        func has(signatureAlgorithm: String) -> Bool {
            // SAFETY: the string is copied.
            unsafe martlet_SSL_CTX_set1_sigalgs_list(context, signatureAlgorithm) == 1
        }

        private static let suites13 = """
            TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:\
            TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256
            """
    }
}

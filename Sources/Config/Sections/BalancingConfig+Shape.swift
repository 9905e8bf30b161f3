extension ValueKind<BalanceMethod> {
    /// One of a few words, or a mapping that says what to hash.
    static let balanceMethod = ValueKind(
        nestedPaths: HashDraft.shape.paths.map { ".\($0)" }
    ) { node, context in
        if case .mapping = node.content {
            return HashDraft.shape.decode(node, &context)?.method
        }
        guard let word = ValueKind<BalanceWord>.choice.decode(node, &context) else { return nil }
        switch word {
        case .roundRobin: return .roundRobin
        case .leastConnections: return .leastConnections
        case .powerOfTwo: return .powerOfTwo
        }
    }
}

extension AffinityConfig {
    /// The keys of `affinity`.
    static let shape = Shape(
        AffinityConfig(cookie: ""),
        keys: [
            Key("cookie", \.cookie, .cookieName, required: true),
            Key(
                "max_age", \.maxAge,
                ValueKind<Duration?>.optional(.duration(.seconds(1)...(.seconds(86_400) * 3_650)))
                    .or("session", nil)),
            Key("key", \.key, ValueKind<String?>.optional(.text("a text")).or("off", nil)),
        ])
}

extension ValueKind<Duration?> {
    /// How long a server takes to get to its full share, or `off`.
    static let slowStart = ValueKind.optional(
        ValueKind<Duration>.duration(.seconds(1)...(.seconds(3_600)))
    ).or("off", nil)
}

extension ValueKind<String> {
    /// The name of a cookie (RFC 6265 §4.1.1).
    static let cookieName = ValueKind.text("the name of a cookie")
        .refined { text, _ throws(Refusal) in try token(text, "the name of a cookie") }

    /// The name of a field (RFC 9110 §5.6.2), judged.
    fileprivate static func token(_ text: String, _ what: String) throws(Refusal) -> String {
        let marks = Set("!#$%&'*+-.^_`|~".utf8)
        let isToken = text.utf8.allSatisfy { byte in
            marks.contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
        guard isToken, text.utf8.count <= 128 else {
            throw Refusal(
                "\(quoted(text)) is not \(what): letters, digits and hyphens make one")
        }
        return text
    }
}

/// The methods that need no more than a word.
private enum BalanceWord: String, CaseIterable, Sendable {
    case roundRobin = "round_robin"
    case leastConnections = "least_connections"
    case powerOfTwo = "power_of_two"
}

/// What `balance` says where it is a mapping.
private struct HashDraft: Sendable {
    /// What is hashed.
    enum Source: String, CaseIterable, Sendable {
        case header
        case cookie
        case clientAddress = "client_address"
    }

    var source: Source?
    var name: Located<String>?

    /// What it comes to; nil exactly when something is missing, which has been reported.
    var method: BalanceMethod? {
        switch (source, name) {
        case (.header, let name?): .hash(.header(name.value))
        case (.cookie, let name?): .hash(.cookie(name.value))
        case (.clientAddress, _): .hash(.clientAddress)
        case (.header, nil), (.cookie, nil), (nil, _): nil
        }
    }

    static let shape = Shape(
        HashDraft(),
        keys: [
            Key("hash", \.source, .optional(.choice), required: true),
            Key("name", \.name, .optional(.located(.hashedName))),
        ],
        check: { draft, _, mark, context in
            switch (draft.source, draft.name) {
            case (.header, nil), (.cookie, nil):
                let what = draft.source == .header ? "header" : "cookie"
                context.error("'hash: \(what)' needs 'name', the \(what) to look at", at: mark)
            case (.clientAddress, let name?):
                context.error("'hash: client_address' has no 'name'", at: name.mark)
            case (.header, _), (.cookie, _), (.clientAddress, nil), (nil, _): break
            }
        })
}

extension ValueKind<String> {
    /// The name of a field or a cookie.
    fileprivate static let hashedName = ValueKind.text("the name of a header or a cookie")
        .refined { text, _ throws(Refusal) in try token(text, "the name of a header or a cookie") }
}

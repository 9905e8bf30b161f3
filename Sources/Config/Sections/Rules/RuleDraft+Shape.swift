extension RuleDraft {
    /// What takes the place of a backend.
    static let actions = ["backend", "redirect", "respond"]

    /// What concerns requests that reach a backend only.
    private static let onTheWay = [
        "rewrite", "host", "request_headers", "timeouts", "trace",
    ]

    /// The keys of an entry of `routes` or `sites` that keeps its rules at `target`.
    static func keys<Section>(
        at target: any WritableKeyPath<Section, RuleDraft> & Sendable
    ) -> [Key<Section>] {
        keys.map { $0.lifted(to: target) }
    }

    private static let keys: [Key<RuleDraft>] = [
        Key("redirect", \.redirect, .optional(.section(RedirectDraft.shape))),
        Key("respond", \.respond, .optional(.section(RespondConfig.shape))),
        Key("strip_prefix", \.stripPrefix, .optional(.prefix)),
        Key("rewrite", \.rewrite, .optional(.orOff(.rewrite))),
        Key("host", \.host, .optional(.orOff(.forwardedHost))),
        Key("request_headers", \.requestHeaders, .fieldEdits(RuleVariable.ofRequests)),
        Key("response_headers", \.responseHeaders, .fieldEdits(RuleVariable.allCases)),
        Key("allow", \.allow, .optional(.orOff(.oneOrMore(.addressBlock)))),
        Key("deny", \.deny, .optional(.orOff(.oneOrMore(.addressBlock)))),
        Key("basic_auth", \.basicAuth, .optional(.sectionOrOff(BasicAuthConfig.shape))),
        Key("timeouts", \.timeouts, .section(RouteTimeoutConfig.shape)),
        Key("limits", \.limits, .section(RouteLimitConfig.shape)),
        Key("trace", \.trace, .optional(.choice)),
        Key("request_id", \.requestID, .optional(.sectionOrOff(RequestIDConfig.shape))),
    ]

    /// Judges the keys of one section beside each other.
    func check(_ present: Set<String>, at mark: SourceMark, _ context: inout DecodingContext) {
        let allowed = Set(((allow ?? nil) ?? []).map(\.unmapped))
        if let both = ((deny ?? nil) ?? []).first(where: { allowed.contains($0.unmapped) }) {
            context.error(
                "\(quoted(both.description)) is both allowed and denied\(context.place)", at: mark)
        }
        guard present.contains("redirect") || present.contains("respond") else { return }
        for key in RuleDraft.onTheWay where present.contains(key) {
            context.warning(
                "'\(key)' has no effect where no backend is asked\(context.place)", at: mark)
        }
    }
}

extension Key {
    /// The same key of a section that has this one at `target`.
    func lifted<Outer>(
        to target: any WritableKeyPath<Outer, Section> & Sendable
    ) -> Key<Outer> {
        Key<Outer>(name: name, isRequired: isRequired, paths: paths) { node, outer, context in
            decode(node, &outer[keyPath: target], &context)
        }
    }
}

extension ValueKind<RuleDraft.Prefix> {
    /// `true` for the route's own path, `false` or a path.
    fileprivate static let prefix = ValueKind<String>.routePath.map { RuleDraft.Prefix.text($0) }
        .or("true", .route).or("false", .none)
}

extension ValueKind {
    /// A value, or `off` for none.
    fileprivate static func orOff<Wrapped>(
        _ kind: ValueKind<Wrapped>
    ) -> ValueKind where Value == Wrapped? {
        kind.map { Wrapped?.some($0) }.or("off", nil)
    }
}

extension ValueKind<RuleText> {
    /// What a path becomes.
    fileprivate static let rewrite = ValueKind<String>.text("a path such as /v2{path}")
        .refined { text, context throws(Refusal) in
            let rewrite = try RuleText.parse(text, RuleVariable.ofRewrites, &context)
            let isPath =
                rewrite.firstLiteral.hasPrefix("/")
                || rewrite.segments.first == .variable(.path)
            guard isPath else { throw Refusal("\(quoted(text)) does not begin with '/'") }
            for case .literal(let part) in rewrite.segments where !isPlain(part) {
                throw Refusal(
                    "\(quoted(text)) is not a path: '?', '#', spaces and other than ASCII"
                        + " do not occur in one; the query stays as it is")
            }
            return rewrite
        }

    /// True exactly when the text may stand in a path.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { byte in
            (0x21...0x7e).contains(byte) && byte != UInt8(ascii: "?")
                && byte != UInt8(ascii: "#")
        }
    }
}

extension ValueKind<String> {
    /// A host with or without a port.
    fileprivate static let forwardedHost = ValueKind.text("a host such as app.internal:8080")
        .refined { text, _ throws(Refusal) in
            let hasPort = !text.hasSuffix("]") && text.contains(":")
            let colon = hasPort ? text.lastIndex(of: ":") : nil
            let name = colon.map { String(text[..<$0]) } ?? text
            if let colon {
                let port = text[text.index(after: colon)...]
                guard UInt16(port) != nil, port.allSatisfy(\.isNumber) else {
                    throw Refusal("\(quoted(text)) is not a host with a port")
                }
            }
            guard !name.contains("*") else { throw Refusal("\(quoted(text)) is not a host") }
            let host = try HostText.siteHost(name)
            return colon.map { host + text[$0...] } ?? host
        }
}

/// A redirect before it is known to have a target.
struct RedirectDraft: Sendable {
    /// The value of `Location`; nil where it was absent or wrong.
    var target: RuleText?
    /// The status.
    var status = 308

    /// The keys of `redirect`.
    static let shape = Shape(
        RedirectDraft(),
        keys: [
            Key("to", \.target, .optional(.location), required: true),
            Key("status", \.status, .redirectStatus),
        ])
}

extension ValueKind<RuleText> {
    /// The value of a `Location`.
    fileprivate static let location = ValueKind<String>.text(
        "a URL such as https://www.example{path}{query}"
    )
    .refined { text, context throws(Refusal) in
        let target = try RuleText.parse(text, RuleVariable.ofRedirects, &context)
        let first = target.firstLiteral.lowercased()
        // What a client says must not be what decides where it, or somebody else, is sent.
        let isFixed =
            first.hasPrefix("https://") || first.hasPrefix("http://") || first.hasPrefix("/")
            || target.segments.first == .variable(.path)
            || (target.segments.first == .variable(.scheme)
                && target.segments.dropFirst().first.map(RedirectDraft.beginsAuthority) == true)
        guard isFixed else {
            throw Refusal("\(quoted(text)) begins with neither 'https://', 'http://' nor '/'")
        }
        if let objection = RedirectDraft.objection(to: target) {
            throw Refusal("\(quoted(text)) \(objection)")
        }
        for case .literal(let part) in target.segments
        where !part.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) {
            throw Refusal("\(quoted(text)) is not a URL: write spaces and such as %XX")
        }
        return target
    }
}

extension RedirectDraft {
    /// What stands against a target whose host what follows could become: browsers take `///a` and
    /// `https:///a` for the host `a`, and a path may begin with two slashes.
    fileprivate static func objection(to target: RuleText) -> String? {
        var rest = target.segments[...]
        var text = ""
        if rest.first == .variable(.scheme) {
            text = "https"
            rest.removeFirst()
        }
        if case .literal(let first)? = rest.first {
            text += first
            rest.removeFirst()
        }
        if text.hasPrefix("/") {
            let second = text.dropFirst().first
            if second == "/" || second == "\\" || (second == nil && rest.first == .variable(.path))
            {
                return "leads to another host, whichever comes behind the slashes"
            }
            return nil
        }
        guard let colon = text.firstIndex(of: ":") else { return nil }
        switch text[colon...].dropFirst(3).first {
        case "/", "\\", "?", "#": return "has no host"
        case nil: return rest.first == .variable(.host) ? nil : "has no host"
        default: return nil
        }
    }

    /// True exactly when the part goes on behind a scheme.
    fileprivate static func beginsAuthority(_ segment: RuleText.Segment) -> Bool {
        if case .literal(let text) = segment { return text.hasPrefix("://") }
        return false
    }
}

extension ValueKind<Int> {
    /// One of the five that send a client elsewhere (RFC 9110 §15.4).
    fileprivate static let redirectStatus = ValueKind<Int>.integer(300...399)
        .refined { status, _ throws(Refusal) in
            guard [301, 302, 303, 307, 308].contains(status) else {
                throw Refusal("\(status) is no redirect; take 301, 302, 303, 307 or 308")
            }
            return status
        }
}

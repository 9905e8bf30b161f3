/// The keys of `request_headers` and `response_headers` before they are one list.
struct FieldEditDraft: Sendable {
    /// One name and its values.
    typealias Entry = (name: Located<String>, item: [RuleText])

    /// Those that take the place of what there is.
    var set: [Entry] = []
    /// Those that come beside what there is.
    var add: [Entry] = []
    /// Those that are left out.
    var remove: [Located<String>] = []

    /// The keys, with texts that may name these variables.
    static func shape(_ variables: [RuleVariable]) -> Shape<FieldEditDraft> {
        Shape(
            FieldEditDraft(),
            keys: [
                Key("set", \.set, .named(.oneOrMore(.fieldText(variables)))),
                Key("add", \.add, .named(.oneOrMore(.fieldText(variables)))),
                Key("remove", \.remove, .oneOrMore(.located(.text("the name of a field")))),
            ],
            check: { draft, _, _, context in draft.check(&context) })
    }

    private func check(_ context: inout DecodingContext) {
        var seen: [String: SourceMark] = [:]
        for name in set.map(\.name) + add.map(\.name) + remove {
            if let objection = FieldEditDraft.objection(to: name.value) {
                context.error(objection, at: name.mark)
            } else if let first = seen.updateValue(name.mark, forKey: name.value.lowercased()) {
                context.error(
                    "the field \(quoted(name.value)) is already named at \(first)", at: name.mark)
            }
        }
    }

    /// Why a rule cannot touch a field of this name; nil where it can.
    static func objection(to name: String) -> String? {
        let isToken = !name.isEmpty && name.utf8.count <= 256 && name.utf8.allSatisfy(isTokenByte)
        guard isToken else { return "\(quoted(name)) is not the name of a field" }
        // Backends that put fields into variables take one for the other (RFC 3875 §4.1.18).
        switch name.lowercased().replacing("_", with: "-") {
        case "host": return "the field 'Host' is said by the key 'host'"
        case let lower where framing.contains(lower):
            return "the field \(quoted(name)) is for one hop or frames the message: no rule"
                + " can touch it"
        case let lower where identity.contains(lower):
            return "the field \(quoted(name)) is ours to say, since backends believe it: no rule"
                + " can touch it"
        default: return nil
        }
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    private static let framing: Set<String> = [
        "connection", "content-length", "transfer-encoding", "upgrade", "te", "trailer",
        "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization",
        "proxy-authentication-info", "expect", "http2-settings", "sec-websocket-key",
        "sec-websocket-accept",
    ]
    private static let identity: Set<String> = [
        "client-cert", "client-cert-chain", "x-forwarded-client-cert", "early-data",
    ]
}

extension ValueKind<FieldEditConfig> {
    /// What becomes of fields, in texts that may name these variables.
    static func fieldEdits(_ variables: [RuleVariable]) -> ValueKind {
        ValueKind<FieldEditDraft>.section(FieldEditDraft.shape(variables)).map { draft in
            FieldEditConfig(
                edits: draft.set.map { .init(name: $0.name.value, change: .set($0.item)) }
                    + draft.add.map { .init(name: $0.name.value, change: .add($0.item)) }
                    + draft.remove.map { .init(name: $0.value, change: .remove) })
        }
    }
}

extension ValueKind<RuleText> {
    /// The value of a field.
    fileprivate static func fieldText(_ variables: [RuleVariable]) -> ValueKind {
        ValueKind<String>.fieldValue("the value of a field").refined {
            text, context throws(Refusal) in
            var trimmed = text[...]
            while trimmed.first == " " { trimmed.removeFirst() }
            while trimmed.last == " " { trimmed.removeLast() }
            return try RuleText.parse(String(trimmed), variables, &context)
        }
    }
}

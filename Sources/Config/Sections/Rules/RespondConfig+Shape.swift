extension RespondConfig {
    /// More is a file, which is a server's to give.
    static let bodyLimit = 64 << 10

    /// The keys of `respond`.
    static let shape = Shape(
        RespondConfig(),
        keys: [
            Key("status", \.status, .integer(200...599)),
            Key("body", \.body, .body),
            Key("content_type", \.contentType, .fieldValue("a type such as text/html")),
        ],
        check: { answer, _, mark, context in
            guard [204, 205, 304].contains(answer.status), !answer.body.isEmpty else { return }
            context.error("an answer with the status \(answer.status) has no body", at: mark)
        })
}

extension ValueKind<String> {
    /// The body of an answer; may be empty.
    fileprivate static let body = ValueKind { node, context in
        guard case .scalar(let text, _) = node.content, !node.isNull else {
            context.mismatch("a text", node)
            return nil
        }
        guard text.utf8.count <= RespondConfig.bodyLimit else {
            context.error("a body has at most 64KiB; let a server give larger ones", at: node.mark)
            return nil
        }
        return text
    }

    /// The value of a field, without variables.
    static func fieldValue(_ expected: String) -> ValueKind {
        ValueKind.text(expected).refined { text, _ throws(Refusal) in
            guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f })
            else { throw Refusal("\(quoted(text)) has a control character, which no field may") }
            return text
        }
    }
}

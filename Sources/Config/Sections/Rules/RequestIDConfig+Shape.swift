extension RequestIDConfig {
    /// The keys of `request_id`.
    static let shape = Shape(
        RequestIDConfig(),
        keys: [
            Key("header", \.header, .idHeader),
            Key("response", \.response, .boolean),
        ])
}

extension ValueKind<String> {
    /// The name of the field of the id.
    fileprivate static let idHeader = ValueKind.text("the name of a field such as X-Request-ID")
        .refined { text, _ throws(Refusal) in
            if let objection = FieldEditDraft.objection(to: text) { throw Refusal(objection) }
            return text
        }
}

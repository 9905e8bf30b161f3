extension HTTPConfig {
    /// The keys of `http`.
    static let shape = Shape(
        HTTPConfig(),
        keys: [
            Key("dot_segments", \.dotSegments, .choice),
            Key("encoded_slashes", \.encodedSlashes, .choice),
            Key("underscore_fields", \.underscoreFields, .choice),
            Key("get_body", \.getBody, .choice),
        ])
}

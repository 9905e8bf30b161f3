extension RouteLimitConfig {
    /// The keys of `limits` in a route or a site.
    static let shape = Shape(
        RouteLimitConfig(),
        keys: [
            Key(
                "request_body", \.requestBody,
                ValueKind<Int?>.size(0...1 << 50, orWord: "unlimited").map { size in
                    size.map { Body.bytes($0) } ?? .unlimited
                })
        ])
}

/// What became of a configuration text.
public struct LoadResult: Sendable, Equatable {
    /// The configuration; nil exactly when a diagnostic is an error.
    public let config: ProxyConfig?

    /// Everything there is to say about the text, in the order of the text.
    public let diagnostics: [Diagnostic]

    /// Makes a result.
    public init(config: ProxyConfig?, diagnostics: [Diagnostic]) {
        self.config = config
        self.diagnostics = diagnostics
    }
}

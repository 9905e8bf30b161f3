/// What a reload that the admin endpoint asked for came to.
struct ReloadOutcome: Sendable {
    /// True exactly when the new configuration is being served.
    let ok: Bool

    /// The number of the configuration that is being served now; 0 if that is not known.
    let generation: Int

    /// Errors and warnings, a line each.
    let diagnostics: [String]
}

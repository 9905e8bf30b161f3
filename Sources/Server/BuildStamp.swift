/// What the build was told about itself.
enum BuildStamp {
    /// The commit; `scripts/build` writes it for a release.
    static let commit = "unknown"
}

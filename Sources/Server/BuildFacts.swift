internal import HTTP
internal import Platform
internal import TLS

/// What this build is, and what it found at run time.
public enum BuildFacts {
    /// The version of Martlet.
    public static let version = "0.1.0"

    /// The commit that was built, or "unknown".
    public static var commit: String { BuildStamp.commit }

    /// The labels of `martlet_build_info`.
    static var labels: [(name: String, value: String)] {
        [
            ("version", version), ("revision", commit), ("openssl", OpenSSLFacts.runtimeVersion),
            ("nghttp2", NGHTTP2.runtimeVersion),
        ]
    }

    /// The text of `martlet version`.
    public static var text: String {
        """
        martlet \(version)
        commit:  \(commit)
        openssl: \(OpenSSLFacts.runtimeVersion)
        nghttp2: \(NGHTTP2.runtimeVersion)
        features: \(features.joined(separator: " "))
        """
    }

    /// The protocols, and of the groups that are offered by default those that this OpenSSL has.
    static var features: [String] {
        let present = TLSCatalog.current.groups
        return ["tls1.2", "tls1.3", "http/1.1", "h2", "h2c"]
            + TLSPolicy.intermediate.groups.filter(present.contains)
    }
}

internal import COpenSSL

/// The OpenSSL that is loaded.
public enum OpenSSLFacts {
    /// Initialises the library; once, before any thread uses it.
    public static func start() {
        _ = OPENSSL_init_ssl(0, nil)
    }

    /// The version at run time, as "OpenSSL 3.0.19 27 Jan 2026".
    public static var runtimeVersion: String {
        // SAFETY: lifetime: a constant of the library; bound: it ends in NUL.
        guard let text = unsafe OpenSSL_version(OPENSSL_VERSION) else { return "OpenSSL" }
        return unsafe String(cString: text)
    }
}

internal import COpenSSL

/// The OpenSSL that is loaded.
public enum OpenSSLFacts {
    /// Initialises the library; before anything else uses it, on whichever thread.
    ///
    /// What it holds is left to the kernel at the end of the process: threads may be in the middle
    /// of a call then, and must not find it cleaned up.
    public static func start() {
        _ = OPENSSL_init_ssl(UInt64(OPENSSL_INIT_NO_ATEXIT), nil)
    }

    /// The version at run time, as "OpenSSL 3.0.19 27 Jan 2026".
    public static var runtimeVersion: String {
        // SAFETY: lifetime: a constant of the library; bound: it ends in NUL.
        guard let text = unsafe OpenSSL_version(OPENSSL_VERSION) else { return "OpenSSL" }
        return unsafe String(cString: text)
    }
}

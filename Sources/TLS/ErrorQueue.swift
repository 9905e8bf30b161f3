internal import COpenSSL

/// OpenSSL's queue of errors, one per thread.
///
/// Invariant: the queue is empty before each call into a session, since a call that fails is
/// followed by one that takes what it left; so the good path never looks at it.
enum ErrorQueue {
    /// One error: the library it came from, and its reason there.
    struct Entry {
        let library: Int32
        let reason: Int32
    }

    /// The first error, which is the cause of the others; empties the queue.
    static func take() -> Entry? {
        let code = ERR_get_error()
        ERR_clear_error()
        guard code != 0 else { return nil }
        return Entry(library: martlet_ERR_GET_LIB(code), reason: martlet_ERR_GET_REASON(code))
    }

    /// The first error in words; empties the queue.
    static func takeText() -> String {
        let code = ERR_get_error()
        ERR_clear_error()
        guard code != 0 else { return "no reason given" }
        // SAFETY: lifetime: OpenSSL's texts are constants of the library; bound: they end in NUL.
        if let text = unsafe ERR_reason_error_string(code) { return unsafe String(cString: text) }
        return "error \(String(code, radix: 16))"
    }

    /// The first error as that of an operation; empties the queue.
    static func takeError(_ operation: String) -> TLSError {
        TLSError(operation: operation, reason: takeText())
    }
}

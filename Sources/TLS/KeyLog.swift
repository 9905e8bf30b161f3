internal import COpenSSL
internal import Synchronization

/// The file that TLS secrets are written to, for whoever has to decrypt a capture: one for the
/// process, opened by a flag of the command line alone. Any thread.
public enum KeyLog {
    /// Appends the secrets of every session from now on to a file, in the format of SSLKEYLOGFILE.
    ///
    /// - Throws: `TLSError` where the file cannot be written.
    public static func open(_ path: String) throws(TLSError) {
        guard file.withLock({ $0.open(path) }) else { throw ErrorQueue.takeError("open \(path)") }
    }

    /// Lets the sessions of `context` write their secrets, if there is a file for them.
    static func install(in context: OpaquePointer) {
        // SAFETY: the callback is a function without context.
        if file.withLock({ $0.isOpen }) {
            unsafe SSL_CTX_set_keylog_callback(context, writeSecret)
        }
    }

    fileprivate static let file = Mutex(File())

    @safe fileprivate struct File: ~Copyable {
        // SAFETY: owner: this value, for as long as the process lives; one thread at a time, by the
        // mutex.
        private nonisolated(unsafe) var bio: OpaquePointer?

        var isOpen: Bool { unsafe bio != nil }

        mutating func open(_ path: String) -> Bool {
            unsafe bio = BIO_new_file(path, "a")
            return isOpen
        }

        func write(_ line: UnsafePointer<CChar>) {
            // SAFETY: the line ends in zero and lives during the call.
            unsafe BIO_puts(bio, line)
            unsafe BIO_puts(bio, "\n")
            unsafe BIO_ctrl(bio, BIO_CTRL_FLUSH, 0, nil)
        }
    }
}

/// Takes a line of secrets from OpenSSL.
private func writeSecret(_ session: OpaquePointer?, _ line: UnsafePointer<CChar>?) {
    // SAFETY: the line belongs to OpenSSL during this call.
    guard let line = unsafe line else { return }
    KeyLog.file.withLock { unsafe $0.write(line) }
}

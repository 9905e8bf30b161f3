internal import COpenSSL

/// The keys that seal session tickets (RFC 8446 §4.6.1): one set for the whole process, so that a
/// client resumes on any worker, on any listener and across reloads. What binds a ticket to its
/// site is the site's identity within it.
public final class TicketKeys: Sendable {
    private let material: [UInt8]

    /// Makes keys from the system's random numbers.
    ///
    /// - Throws: `TLSError` where there are none.
    public init() throws(TLSError) {
        var bytes = [UInt8](repeating: 0, count: TicketKeys.byteCount)
        // SAFETY: owner: the array; bound: its count.
        let status = unsafe bytes.withUnsafeMutableBufferPointer {
            unsafe RAND_bytes($0.baseAddress, Int32($0.count))
        }
        guard status == 1 else { throw ErrorQueue.takeError("make ticket keys") }
        material = bytes
    }

    /// Lets `context` seal its tickets with these keys.
    func install(in context: OpaquePointer) throws(TLSError) {
        var copy = material
        // SAFETY: OpenSSL copies the bytes; bound: the count passed with them.
        let status = unsafe copy.withUnsafeMutableBytes {
            unsafe martlet_SSL_CTX_set_tlsext_ticket_keys(context, $0.baseAddress, $0.count)
        }
        guard status == 1 else { throw ErrorQueue.takeError("set the ticket keys") }
    }

    /// A name, an HMAC key and an AES key, as OpenSSL lays them out.
    private static let byteCount = 80
}

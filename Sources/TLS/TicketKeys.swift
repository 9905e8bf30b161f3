internal import COpenSSL

/// The keys that seal session tickets (RFC 8446 §4.6.1) at one time: the same for every worker and
/// listener, so that a client resumes on any of them. What binds a ticket to its site is the site's
/// identity within it.
///
/// Invariant: there is at least one key, and names differ.
public final class TicketKeys: Sendable {
    /// The first seals; all of them open.
    let keys: [TicketKey]
    /// AES by the length of the key, fetched once: a fetch by name would cost more than the cipher.
    private let ciphers: (short: Cipher, long: Cipher)

    /// Takes keys, of which the first seals.
    ///
    /// - Throws: `TLSError` where there is none, or OpenSSL lacks AES.
    public init(_ keys: [TicketKey]) throws(TLSError) {
        guard !keys.isEmpty else {
            throw TLSError(operation: "read the ticket keys", reason: "there is none")
        }
        self.keys = keys
        ciphers = (short: try Cipher("AES-128-CBC"), long: try Cipher("AES-256-CBC"))
    }

    /// The key that seals.
    public var sealing: TicketKey { keys[0] }

    /// Makes one key of the system's random numbers.
    public convenience init() throws(TLSError) { try self.init([TicketKey()]) }

    /// Lets `context` seal its tickets with these keys, which must outlive it.
    func install(in context: OpaquePointer) {
        // SAFETY: lifetime: the `TLSContext` holds these keys for as long as `context` lives.
        let address = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe SSL_CTX_set_ex_data(context, 0, address)
        unsafe SSL_CTX_set_tlsext_ticket_key_evp_cb(context, useTicketKey)
    }

    fileprivate func cipher(_ key: TicketKey) -> Cipher {
        key.encryption.count == 16 ? ciphers.short : ciphers.long
    }

    /// A cipher that was fetched.
    @safe fileprivate final class Cipher: Sendable {
        // SAFETY: owner: this object; never changed, so threads may share it.
        nonisolated(unsafe) let handle: OpaquePointer

        init(_ name: String) throws(TLSError) {
            guard let handle = unsafe EVP_CIPHER_fetch(nil, name, nil) else {
                throw ErrorQueue.takeError("find \(name)")
            }
            unsafe self.handle = handle
        }

        deinit { unsafe EVP_CIPHER_free(handle) }
    }
}

/// Gives OpenSSL the key of a ticket: the first for one that is to be sealed, the one whose name it
/// bears for one that is to be opened.
///
/// - Returns: 1; 2 where a ticket that was opened is to be replaced by another; 0
///   where nobody knows the key, so that the handshake is a full one; -1 on failure.
private func useTicketKey(
    _ session: OpaquePointer?, _ name: UnsafeMutablePointer<UInt8>?,
    _ vector: UnsafeMutablePointer<UInt8>?,
    _ cipher: OpaquePointer?, _ authentication: OpaquePointer?, _ isSealing: Int32
) -> Int32 {
    // SAFETY: lifetime: the session holds its context, and that its keys; bound: OpenSSL hands out
    // 16 bytes of name and 16 of vector.
    guard let owner = unsafe SSL_CTX_get_ex_data(SSL_get_SSL_CTX(session), 0),
        let name = unsafe name, let vector = unsafe vector
    else { return -1 }
    let keys = unsafe Unmanaged<TicketKeys>.fromOpaque(owner).takeUnretainedValue()
    let all = keys.keys
    var position = 0
    if isSealing == 1 {
        guard unsafe RAND_bytes(vector, 16) == 1 else { return -1 }
        for index in 0..<TicketKey.nameCount { unsafe name[index] = all[0].name[index] }
    } else {
        while unsafe CRYPTO_memcmp(all[position].name, name, TicketKey.nameCount) != 0 {
            position += 1
            if position == all.count { return 0 }
        }
    }
    guard
        unsafe EVP_CipherInit_ex2(
            cipher, keys.cipher(all[position]).handle, all[position].encryption, vector, isSealing,
            nil) == 1,
        unsafe martlet_set_ticket_mac(
            authentication, all[position].authentication, all[position].authentication.count) == 1
    else { return -1 }
    // In TLS 1.3 a client uses a ticket once, and gets another for the next time only where this
    // one is replaced (RFC 8446 §C.4).
    let isForOnce = unsafe SSL_version(session) == TLS1_3_VERSION
    return position == 0 && (isSealing == 1 || !isForOnce) ? 1 : 2
}

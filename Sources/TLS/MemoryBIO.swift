internal import COpenSSL

/// A BIO over memory, for reading and writing PEM; frees it at the end.
@safe struct MemoryBIO: ~Copyable {
    // SAFETY: owner: this value; lifetime: until `deinit`.
    let handle: OpaquePointer

    /// Makes one that holds a copy of `bytes`.
    init?(_ bytes: [UInt8] = []) {
        guard let handle = unsafe BIO_new(BIO_s_mem()) else { return nil }
        // SAFETY: OpenSSL copies the bytes; bound: the array's count.
        var written = 0
        let status = unsafe bytes.withUnsafeBytes {
            unsafe $0.isEmpty ? 1 : BIO_write_ex(handle, $0.baseAddress, $0.count, &written)
        }
        guard status == 1, written == bytes.count else {
            unsafe BIO_free(handle)
            return nil
        }
        unsafe self.handle = handle
    }

    deinit { unsafe BIO_free(handle) }

    /// What it holds.
    var bytes: [UInt8] {
        var start: UnsafeMutablePointer<CChar>?
        // SAFETY: lifetime: the BIO's memory is copied before the BIO changes; bound: the count
        // that it returns.
        let count = unsafe martlet_BIO_get_mem_data(handle, &start)
        guard count > 0, let start = unsafe start else { return [] }
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// What it holds, as text.
    var text: String { String(decoding: bytes, as: UTF8.self) }
}

internal import Bytes
internal import COpenSSL

/// What stands between OpenSSL and the bytes of a connection while a call into the session lasts:
/// where the next input lies, and which queue takes the output.
///
/// It lives in memory of its own, since OpenSSL's callbacks reach it by its address.
@safe struct Transport {
    // SAFETY: both belong to the caller of the session's function and are nil outside of it; bound:
    // `inputCount`.
    var input: UnsafeRawPointer?
    var output: UnsafeMutablePointer<ByteQueue>?
    /// How many bytes of input are left; none, where what is left is not to be looked at.
    var inputCount = 0

    /// The site chosen by the ClientHello; -1 before it.
    var site = -1
    /// The host that the ClientHello asked for; nil where it named none.
    var serverName: String?
    /// The versions that the ClientHello offered.
    var offeredVersions = OfferedVersions()
    /// True exactly when the host is unknown and unknown hosts are rejected.
    var isUnknownHost = false
    /// True exactly when early data came with a ticket that had brought some before.
    var isReplayed = false
    /// True exactly when it has been asked what became of early data, and that was known.
    var hasToldEarlyData = false
    /// True exactly when the handshake is complete.
    var isEstablished = false
    /// The alert that the peer sent; -1 for none.
    var alert: Int16 = -1
    /// What the peer sent that costs work and carries nothing.
    var idleMessages = IdleMessages()

    /// A KeyUpdate has come.
    mutating func noteKeyUpdate() {
        idleMessages.noteKeyUpdate()
        if idleMessages.isExhausted { inputCount = 0 }
    }

    /// A renegotiation was refused.
    mutating func noteRefusal() {
        idleMessages.noteRefusal()
        if idleMessages.isExhausted { inputCount = 0 }
    }

    // SAFETY: owner: the library's method table, made once and never freed; read-only afterwards.
    nonisolated(unsafe) private static let method: OpaquePointer? = unsafe makeMethod()

    /// A BIO over `transport`, which must outlive it.
    static func makeBIO(over transport: UnsafeMutablePointer<Transport>) -> OpaquePointer? {
        guard let bio = unsafe BIO_new(method) else { return nil }
        unsafe BIO_set_data(bio, transport)
        unsafe BIO_set_init(bio, 1)
        return unsafe bio
    }

    private static func makeMethod() -> OpaquePointer? {
        // SAFETY: the callbacks below are functions without context; the name is copied.
        guard
            let method = unsafe BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "martlet")
        else {
            return nil
        }
        unsafe BIO_meth_set_read(method, transportRead)
        unsafe BIO_meth_set_write(method, transportWrite)
        unsafe BIO_meth_set_ctrl(method, transportControl)
        return unsafe method
    }
}

/// Hands out input; asks for a retry when there is none.
private func transportRead(
    _ bio: OpaquePointer?, _ target: UnsafeMutablePointer<CChar>?, _ room: Int32
) -> Int32 {
    // SAFETY: the data is the `Transport` that `makeBIO` was given, alive as long as the session;
    // bound: the smaller of OpenSSL's room and what is left of the input.
    guard let bio = unsafe bio, let target = unsafe target, let data = unsafe BIO_get_data(bio)
    else { return -1 }
    let transport = unsafe data.assumingMemoryBound(to: Transport.self)
    let count = unsafe min(Int(room), transport.pointee.inputCount)
    guard count > 0, let input = unsafe transport.pointee.input else {
        unsafe martlet_BIO_set_retry_read(bio)
        return -1
    }
    unsafe UnsafeMutableRawPointer(target).copyMemory(from: input, byteCount: count)
    unsafe transport.pointee.input = input + count
    unsafe transport.pointee.inputCount -= count
    unsafe martlet_BIO_clear_retry_flags(bio)
    return Int32(count)
}

/// Appends to the output; never short.
private func transportWrite(
    _ bio: OpaquePointer?, _ source: UnsafePointer<CChar>?, _ count: Int32
) -> Int32 {
    // SAFETY: as above; the span ends in this function; bound: OpenSSL's count.
    guard let bio = unsafe bio, let source = unsafe source, count > 0,
        let data = unsafe BIO_get_data(bio),
        let output = unsafe data.assumingMemoryBound(to: Transport.self).pointee.output
    else { return -1 }
    let bytes = unsafe UnsafeRawBufferPointer(start: source, count: Int(count))
    let span = unsafe Span<UInt8>(_unsafeBytes: bytes)
    unsafe output.pointee.append(span)
    unsafe martlet_BIO_clear_retry_flags(bio)
    return count
}

/// A flush has nothing to do; nothing else is known.
private func transportControl(
    _ bio: OpaquePointer?, _ command: Int32, _ number: Int, _ pointer: UnsafeMutableRawPointer?
) -> Int {
    command == BIO_CTRL_FLUSH ? 1 : 0
}

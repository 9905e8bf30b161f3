internal import COpenSSL

extension TLSContext {
    /// Lets the sessions of sites that allow it accept early data, as far as `gate` admits it.
    ///
    /// OpenSSL itself would remember tickets in each context, so that a reload would forget them:
    /// that is turned off. It does check the ticket's age, the server name and the protocol
    /// (RFC 8446 §4.2.10).
    func installEarlyData(_ gate: EarlyDataGate) {
        // SAFETY: lifetime: this context holds the gate, and each session this context.
        let address = unsafe Unmanaged.passUnretained(gate).toOpaque()
        unsafe SSL_CTX_set_options(handle, martlet_SSL_OP_NO_ANTI_REPLAY)
        unsafe SSL_CTX_set_max_early_data(handle, TLSContext.earlyDataBytes)
        unsafe SSL_CTX_set_recv_max_early_data(handle, TLSContext.skippedBytes)
        unsafe SSL_CTX_set_allow_early_data_cb(handle, admitEarlyData, address)
    }

    /// How much a client may send before the handshake has ended: more than a request's head.
    private static let earlyDataBytes: UInt32 = 16_384
    /// How much is skipped where it is refused: many small records are larger than what they carry.
    private static let skippedBytes: UInt32 = 32_768
}

/// Asked last, when OpenSSL finds nothing against early data; the proof that the client holds the
/// ticket's secret has been verified by then, so that nobody can use up the ticket of another.
private func admitEarlyData(_ session: OpaquePointer?, _ argument: UnsafeMutableRawPointer?)
    -> Int32
{
    // SAFETY: lifetime: as above; the data and the secret belong to the session during this call;
    // bound: the counts that OpenSSL returns.
    guard let argument = unsafe argument, let state = unsafe SSL_get_session(session) else {
        return 0
    }
    let gate = unsafe Unmanaged<EarlyDataGate>.fromOpaque(argument).takeUnretainedValue()
    guard unsafe TicketNote(of: state)?.instance == gate.instance else { return 0 }
    // The longest hash of a suite is that of SHA-384; OpenSSL keeps room for more.
    var secret = InlineArray<256, UInt8>(repeating: 0)
    var target = secret.mutableSpan
    let length = unsafe target.withUnsafeMutableBufferPointer {
        unsafe SSL_SESSION_get_master_key(state, $0.baseAddress, $0.count)
    }
    guard length > 0 else { return 0 }
    let fate = gate.judge(
        secret: secret.span.extracting(0..<length),
        lifetime: Int64(unsafe SSL_SESSION_get_timeout(state)))
    // SAFETY: bound: the array's count.
    var used = secret.mutableSpan
    unsafe used.withUnsafeMutableBytes { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) }
    // SAFETY: lifetime: the session outlives this call, and its transport the session.
    if fate == .replayed { unsafe transport(session)?.pointee.isReplayed = true }
    return fate == .accepted ? 1 : 0
}

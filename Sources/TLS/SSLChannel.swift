internal import Bytes
internal import COpenSSL

/// One OpenSSL session without a socket: bytes in, bytes out, for either side of a connection.
///
/// Invariant: OpenSSL asks for input until there is none, so what a call does not take is kept
/// here only between the end of the handshake and the first read.
@safe struct SSLChannel: ~Copyable {
    // SAFETY: owner: this value; lifetime: until `deinit`, the session before the transport that
    // its BIO refers to.
    let session: OpaquePointer
    let transport: UnsafeMutablePointer<Transport>
    /// True exactly when the handshake begins by reading early data that has not ended yet.
    var readsEarlyData = false
    /// Input that the handshake did not take.
    private var held = ByteQueue()
    /// True exactly when OpenSSL reported an error: nothing but the end may follow.
    private(set) var isBroken = false
    /// The most plaintext of one record that is sent at present.
    private var sendBytes = SSLChannel.recordBytes
    /// True exactly when `close_notify` was sent.
    private var isClosed = false

    /// Makes a session of `context`; nil where OpenSSL fails, with the reason in its queue.
    init?(context: OpaquePointer) {
        guard let session = unsafe SSL_new(context) else { return nil }
        let transport = UnsafeMutablePointer<Transport>.allocate(capacity: 1)
        unsafe transport.initialize(to: Transport())
        guard let bio = unsafe Transport.makeBIO(over: transport) else {
            unsafe SSL_free(session)
            unsafe transport.deinitialize(count: 1)
            unsafe transport.deallocate()
            return nil
        }
        // SAFETY: the session takes over the BIO, for reading and for writing.
        unsafe SSL_set_bio(session, bio, bio)
        unsafe SSL_set_ex_data(session, 0, transport)
        unsafe self.session = session
        unsafe self.transport = transport
    }

    deinit {
        unsafe SSL_free(session)
        unsafe transport.deinitialize(count: 1)
        unsafe transport.deallocate()
    }

    /// Runs the handshake with `input`; see `TLSSession.handshake`.
    mutating func handshake(
        _ input: Span<UInt8>, earlyData: inout ByteQueue, output: inout ByteQueue
    ) -> HandshakeOutcome {
        guard !isBroken else { return .failed(.internalError) }
        // SAFETY: lifetime: input and output are lent for the call, and the transport forgets them
        // with `detach`.
        let status = unsafe input.withUnsafeBytes { bytes in
            unsafe withUnsafeMutablePointer(to: &output) { queue in
                unsafe attach(bytes, queue)
                if readsEarlyData { return shakeHandsEarly(into: &earlyData) }
                return unsafe SSL_do_handshake(session)
            }
        }
        let left = unsafe transport.pointee.inputCount
        detach()
        if status == 1 {
            // Reading does not look at what a handshake may have left, but at its own failures.
            ERR_clear_error()
            unsafe transport.pointee.isEstablished = true
            if left > 0 { held.append(input.extracting((input.count - left)..<input.count)) }
            return .done
        }
        switch unsafe SSL_get_error(session, status) {
        case SSL_ERROR_WANT_READ:
            return .needsInput
        case SSL_ERROR_ZERO_RETURN:
            isBroken = true
            return .failed(.clientClosed)
        default:
            isBroken = true
            return .failed(failure())
        }
    }

    /// Why the handshake failed; empties the error queue.
    private func failure() -> HandshakeFailure {
        let failure = HandshakeFailure(ErrorQueue.take())
        if unsafe transport.pointee.isUnknownHost { return .unknownHost }
        // The queue begins with what was tried on the way; the verdict is the session's.
        let verdict = unsafe SSL_get_verify_result(session)
        guard verdict != X509_V_OK, unsafe SSL_is_server(session) == 1 else { return failure }
        return HandshakeFailure(verification: Int32(verdict))
    }

    /// Decrypts all of `input`; see `TLSSession.read`.
    mutating func read(
        _ input: Span<UInt8>, into plaintext: inout ByteQueue, output: inout ByteQueue,
        idleLimit: Int
    ) -> TLSReadOutcome {
        unsafe transport.pointee.idleMessages.beginTurn(limit: idleLimit)
        guard !held.isEmpty else { return decrypt(input, into: &plaintext, output: &output) }
        held.append(input)
        var all = ByteQueue()
        swap(&all, &held)
        return decrypt(all.bytes, into: &plaintext, output: &output)
    }

    /// Lets nothing but the end follow.
    mutating func giveUp() { isBroken = true }

    private mutating func decrypt(
        _ input: Span<UInt8>, into plaintext: inout ByteQueue, output: inout ByteQueue
    ) -> TLSReadOutcome {
        guard !isBroken else { return .failed }
        let before = plaintext.count
        // Records give no more than their own bytes, and one may have begun before.
        let begun = unsafe SSL_has_pending(session) == 1 ? SSLChannel.recordBytes : 0
        plaintext.reserve(input.count + begun)
        // SAFETY: as in `handshake`.
        let status = unsafe input.withUnsafeBytes { bytes in
            unsafe withUnsafeMutablePointer(to: &output) { queue in
                unsafe attach(bytes, queue)
                return readRecords(into: &plaintext)
            }
        }
        detach()
        let count = plaintext.count - before
        guard let status else { return .bytes(count) }
        switch unsafe SSL_get_error(session, status) {
        case SSL_ERROR_WANT_READ:
            return .bytes(count)
        case SSL_ERROR_ZERO_RETURN:
            return .closed(count)
        default:
            isBroken = true
            ERR_clear_error()
            return .failed
        }
    }

    /// Reads until there is no whole record left; returns OpenSSL's last status, or nil where the
    /// input ended with a record: to be told so, OpenSSL would allocate a buffer for the next one.
    private func readRecords(into plaintext: inout ByteQueue) -> Int32? {
        while true {
            // No record gives more than its own bytes; a part of one may be in OpenSSL's hands.
            let isHolding = unsafe SSL_has_pending(session) == 1
            let room =
                isHolding
                ? SSLChannel.recordBytes
                : min(SSLChannel.recordBytes, unsafe transport.pointee.inputCount)
            let before = plaintext.count
            let status = plaintext.append(capacity: max(room, 1)) { target in
                // SAFETY: bound: the free capacity of the target, which OpenSSL fills from its
                // start.
                unsafe target.withUnsafeMutableBufferPointer { buffer, filled in
                    var count = 0
                    let status = unsafe SSL_read_ex(
                        session, buffer.baseAddress, buffer.count, &count)
                    if status == 1 { filled = count }
                    return status
                }
            }
            guard status == 1 else { return status }
            unsafe transport.pointee.idleMessages.noteRecord(bytes: plaintext.count - before)
            let isDone =
                unsafe transport.pointee.inputCount == 0 && SSL_has_pending(session) == 0
            if isDone { return nil }
        }
    }

    /// Seals all of `plaintext`; see `TLSSession.write`.
    mutating func write(
        _ plaintext: Span<UInt8>, recordBytes: Int = SSLChannel.recordBytes,
        output: inout ByteQueue
    ) -> Bool {
        guard !isBroken, !isClosed else { return false }
        guard !plaintext.isEmpty else { return true }
        if recordBytes != sendBytes {
            guard unsafe martlet_SSL_set_record_size(session, recordBytes) == 1 else {
                return false
            }
            sendBytes = recordBytes
        }
        output.reserve(
            plaintext.count + (plaintext.count / recordBytes + 1) * SSLChannel.recordOverhead)
        if unsafe !transport.pointee.isEstablished {
            guard isEarlyDataAccepted, writeEarly(plaintext, output: &output) else {
                isBroken = true
                ERR_clear_error()
                return false
            }
            return true
        }
        var written = 0
        // SAFETY: as in `handshake`; OpenSSL reads within the plaintext's count.
        let status = unsafe withUnsafeMutablePointer(to: &output) { queue in
            unsafe attach(UnsafeRawBufferPointer(start: nil, count: 0), queue)
            return unsafe plaintext.withUnsafeBytes {
                unsafe SSL_write_ex(session, $0.baseAddress, $0.count, &written)
            }
        }
        detach()
        guard status == 1, written == plaintext.count else {
            isBroken = true
            ERR_clear_error()
            return false
        }
        unsafe transport.pointee.idleMessages.noteCarried(written)
        return true
    }

    /// Says `close_notify` once, if the session can.
    mutating func close(output: inout ByteQueue) {
        guard !isBroken, !isClosed, unsafe transport.pointee.isEstablished else { return }
        isClosed = true
        // SAFETY: as in `handshake`.
        unsafe withUnsafeMutablePointer(to: &output) { queue in
            unsafe attach(UnsafeRawBufferPointer(start: nil, count: 0), queue)
            // What anything else had left on the thread must not meet the next session.
            if unsafe SSL_shutdown(session) < 0 || ERR_peek_error() != 0 { ERR_clear_error() }
        }
        detach()
    }

    /// The application protocol that was agreed on; nil where there is none.
    var negotiatedProtocol: String? {
        withProtocol { $0.isEmpty ? nil : String(copying: $0) }
    }

    /// Lends the name of the protocol that was agreed on; empty where there is none.
    func withProtocol<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        var start: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        // SAFETY: lifetime: the name belongs to the session, which outlives the call; bound: its
        // count.
        unsafe SSL_get0_alpn_selected(session, &start, &count)
        let name = unsafe UnsafeRawBufferPointer(start: start, count: Int(count))
        return body(unsafe Span<UInt8>(_unsafeBytes: name))
    }

    /// Lends input and output to the transport.
    func attach(_ input: UnsafeRawBufferPointer, _ output: UnsafeMutablePointer<ByteQueue>) {
        unsafe transport.pointee.input = input.baseAddress
        unsafe transport.pointee.inputCount = input.count
        unsafe transport.pointee.output = output
    }

    /// Takes back what was lent.
    func detach() {
        unsafe transport.pointee.input = nil
        unsafe transport.pointee.inputCount = 0
        unsafe transport.pointee.output = nil
    }

    /// The most plaintext of one record (RFC 8446 §5.1).
    static let recordBytes = 16_384
    /// More than a record's header, nonce, tag and padding take in any suite that is offered.
    private static let recordOverhead = 64
}

internal import Bytes
internal import COpenSSL

extension SSLChannel {
    /// True exactly when the server has accepted early data (RFC 8446 §4.2.10).
    var isEarlyDataAccepted: Bool {
        // SAFETY: lifetime: the session lives as long as the channel.
        unsafe SSL_get_early_data_status(session) == SSL_EARLY_DATA_ACCEPTED
    }

    /// What has become of the client's early data, once that is known, and told once; nil where the
    /// client has offered none.
    func takeEarlyDataFate() -> EarlyDataFate? {
        // SAFETY: lifetime: the session and its transport live as long as the channel.
        let status = unsafe SSL_get_early_data_status(session)
        guard status != SSL_EARLY_DATA_NOT_SENT, unsafe !transport.pointee.hasToldEarlyData else {
            return nil
        }
        unsafe transport.pointee.hasToldEarlyData = true
        if status == SSL_EARLY_DATA_ACCEPTED { return .accepted }
        return unsafe transport.pointee.isReplayed ? .replayed : .refused
    }

    /// Lets the handshake begin by reading early data, and turns to the rest of it once that has
    /// ended; the input is attached.
    ///
    /// - Returns: OpenSSL's last status.
    mutating func shakeHandsEarly(into plaintext: inout ByteQueue) -> Int32 {
        while true {
            let outcome = plaintext.append(capacity: SSLChannel.earlyPieceBytes) { target in
                // SAFETY: bound: the free capacity of the target, which OpenSSL fills from its
                // start.
                unsafe target.withUnsafeMutableBufferPointer { buffer, filled in
                    var count = 0
                    let outcome = unsafe SSL_read_early_data(
                        session, buffer.baseAddress, buffer.count, &count)
                    if outcome == SSL_READ_EARLY_DATA_SUCCESS { filled = count }
                    return outcome
                }
            }
            switch outcome {
            case SSL_READ_EARLY_DATA_SUCCESS: continue
            case SSL_READ_EARLY_DATA_FINISH:
                readsEarlyData = false
                return unsafe SSL_do_handshake(session)
            default: return 0
            }
        }
    }

    /// Seals what is to reach the peer before the handshake has ended: from the client early data,
    /// from the server answers to it.
    func writeEarly(_ plaintext: Span<UInt8>, output: inout ByteQueue) -> Bool {
        var start = 0
        // OpenSSL takes one record at a time here.
        while start < plaintext.count {
            let end = min(plaintext.count, start + SSLChannel.recordBytes)
            let piece = plaintext.extracting(start..<end)
            var written = 0
            // SAFETY: lifetime: plaintext and output are lent for the call, and the transport
            // forgets them with `detach`; bound: the piece's count.
            let status = unsafe withUnsafeMutablePointer(to: &output) { queue in
                unsafe attach(UnsafeRawBufferPointer(start: nil, count: 0), queue)
                return unsafe piece.withUnsafeBytes {
                    unsafe SSL_write_early_data(session, $0.baseAddress, $0.count, &written)
                }
            }
            detach()
            guard status == 1, written == piece.count else { return false }
            start = end
        }
        return true
    }

    /// Room for a piece of early data.
    private static let earlyPieceBytes = 4_096
}

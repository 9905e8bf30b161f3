internal import COpenSSL
internal import Synchronization

/// Decides which tickets may bring early data (RFC 8446 §2.3): those that this instance issued,
/// and each of them once.
///
/// One for the whole process, shared by all contexts: a second gate would let each ticket through
/// again. Only handshakes with early data take its lock.
public final class EarlyDataGate: Sendable {
    /// What stands in each ticket that this process issues: a ticket of a former run, or of another
    /// host with the same keys, is known to nobody here.
    let instance: TicketNote.Instance
    private let uses: Mutex<EarlyDataUses>
    private let now: @Sendable () -> Int64

    /// Makes a gate that has let nothing through.
    ///
    /// - Parameters:
    ///   - limit: how many tickets are remembered at most; where there are more, early data is
    ///     refused.
    ///   - now: seconds on a clock that never jumps.
    /// - Throws: `TLSError` where there are no random numbers.
    public init(limit: Int = EarlyDataGate.usualLimit, now: @escaping @Sendable () -> Int64)
        throws(TLSError)
    {
        var words: (UInt64, UInt64) = (0, 0)
        // SAFETY: owner: this frame; bound: the count of both words.
        let status = unsafe withUnsafeMutableBytes(of: &words) {
            unsafe RAND_bytes($0.baseAddress, Int32($0.count))
        }
        guard status == 1 else { throw ErrorQueue.takeError("name this instance") }
        instance = TicketNote.Instance(high: words.0, low: words.1)
        self.now = now
        uses = Mutex(EarlyDataUses(limit: limit))
    }

    /// Whether early data may be accepted with a ticket that has this secret and bears the name of
    /// this instance: the first time alone.
    func judge(secret: Span<UInt8>, lifetime: Int64) -> EarlyDataFate {
        guard let ticket = EarlyDataGate.ticket(secret) else { return .refused }
        let time = now()
        return uses.withLock { $0.use(ticket, lifetime: lifetime, now: time) }
    }

    /// The first half of the secret's SHA-256.
    private static func ticket(_ secret: Span<UInt8>) -> EarlyDataUses.Ticket? {
        var digest = InlineArray<32, UInt8>(repeating: 0)
        var target = digest.mutableSpan
        // SAFETY: bound: the secret's count; SHA-256 writes 32 bytes.
        let status = unsafe secret.withUnsafeBytes { source in
            unsafe target.withUnsafeMutableBufferPointer {
                unsafe EVP_Digest(
                    source.baseAddress, source.count, $0.baseAddress, nil, EVP_sha256(), nil)
            }
        }
        guard status == 1 else { return nil }
        var words = (UInt64(0), UInt64(0))
        for index in 0..<8 {
            words.0 = words.0 << 8 | UInt64(digest[index])
            words.1 = words.1 << 8 | UInt64(digest[index + 8])
        }
        return EarlyDataUses.Ticket(high: words.0, low: words.1)
    }

    /// As many tickets as are remembered in about three megabytes.
    public static let usualLimit = 65_536
}

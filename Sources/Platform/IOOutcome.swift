/// What a read or write on a non-blocking descriptor came to; running dry is a value, not an error.
public enum IOOutcome: Equatable, Sendable {
    /// So many bytes were moved; at least one.
    case bytes(Int)
    /// Nothing can be moved now.
    case wouldBlock
    /// The peer will send no more.
    case endOfStream
    /// The connection is broken; the value of `errno`.
    case failed(CInt)

    /// True exactly when nothing will be moved any more.
    public var isFailure: Bool {
        switch self {
        case .bytes, .wouldBlock: false
        case .endOfStream, .failed: true
        }
    }
}

internal import Bytes

/// Finds the end of a head in input that comes piece by piece, and looks at each byte once.
struct HeadScanner {
    /// What has been found so far.
    enum Outcome: Equatable {
        case needsMore
        /// The head without empty lines around it, each of its lines with CR and LF; `consumed` is
        /// where what follows begins.
        case complete(head: Range<Int>, consumed: Int)
        case failed(HTTPFault)
    }

    private let limits: MessageLimits
    /// Invariant: no byte before this offset needs to be looked at again.
    private var scanned = 0
    /// Where the head begins, behind an empty line that an old client may have left (RFC 9112
    /// §2.2).
    private var start = 0
    /// Where the present line begins.
    private var lineStart = 0

    /// Makes a scanner that stands at the begin of a head.
    init(limits: MessageLimits) {
        self.limits = limits
    }

    /// Goes on from where the last call stopped; `bytes` begins where it began then.
    mutating func scan(_ bytes: Span<UInt8>) -> Outcome {
        while let end = bytes.firstIndex(of: 0x0a, from: scanned) {
            scanned = end + 1
            // First the size, then the form: fed byte by byte, the size is known before the line's
            // end.
            if end + 1 - start > limits.headBytes { return tooLarge() }
            guard end > lineStart, bytes[end - 1] == 0x0d else { return .failed(.bareLineEnd) }
            if end - 1 > lineStart {
                lineStart = end + 1
                continue
            }
            lineStart = end + 1
            if start == end - 1 {
                // One empty line before a request is forgiven, a second is not.
                guard start == 0 else { return .failed(.badStartLine) }
                start = end + 1
                continue
            }
            return .complete(head: start..<(end - 1), consumed: end + 1)
        }
        scanned = bytes.count
        return bytes.count - start > limits.headBytes ? tooLarge() : .needsMore
    }

    private func tooLarge() -> Outcome {
        .failed(lineStart == start ? .targetTooLong : .headTooLarge)
    }
}

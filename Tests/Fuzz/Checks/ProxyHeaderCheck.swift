import Bytes
import HTTP

/// Headers of the PROXY protocol, of both versions.
public enum ProxyHeaderCheck {
    /// Tries one input.
    public static func run(_ bytes: [UInt8]) throws(Broken) {
        let whole = ProxyHeader.parse(bytes.span)
        for ends in arrivals(bytes) {
            let parts = read(bytes, ends)
            try require(parts == whole, "cut at \(ends) it is \(parts), not \(whole)")
        }
        guard case .complete(let header, let consumed) = whole else { return }
        try require((1...bytes.count).contains(consumed), "\(consumed) bytes of \(bytes.count)")
        let alone = ProxyHeader.parse(bytes.span.extracting(0..<consumed))
        try require(alone == whole, "what follows decides on the header")
        let short = ProxyHeader.parse(bytes.span.extracting(0..<(consumed - 1)))
        try require(short == .needsMore, "it ends before its last byte")
        var queue = ByteQueue()
        header.append(.v2, to: &queue)
        let again = ProxyHeader.parse(queue.bytes)
        try require(
            again == .complete(header, consumed: queue.count), "written again it is \(again)")
        try line(header)
    }

    /// What version 1 can say of the header comes back.
    private static func line(_ header: ProxyHeader) throws(Broken) {
        var queue = ByteQueue()
        header.append(.v1, to: &queue)
        try require(queue.count <= ProxyHeader.longestLine, "a line of \(queue.count) bytes")
        guard case .complete(let again, let consumed) = ProxyHeader.parse(queue.bytes) else {
            throw Broken("the line cannot be read")
        }
        try require(consumed == queue.count, "the line ends before its end")
        try require(
            again.source == header.source && again.destination == header.destination,
            "the line says \(again), not \(header)")
    }

    /// Reads a header of which more and more comes.
    private static func read(_ bytes: [UInt8], _ ends: [Int]) -> ProxyParseOutcome {
        var outcome = ProxyParseOutcome.needsMore
        for end in ends where outcome == .needsMore {
            outcome = ProxyHeader.parse(bytes.span.extracting(0..<end))
        }
        return outcome
    }
}

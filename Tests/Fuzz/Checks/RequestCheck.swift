import Bytes
import HTTP

/// Heads of requests, and what they are passed on as.
public enum RequestCheck {
    /// Tries one input.
    public static func run(_ bytes: [UInt8]) throws(Broken) {
        let whole = ReadRequest(bytes, arrivals(bytes)[0])
        for ends in arrivals(bytes).dropFirst() {
            try require(ReadRequest(bytes, ends) == whole, "cut at \(ends) it is another request")
        }
        guard case .complete(let consumed) = whole.outcome else { return }
        try require(consumed > 0 && consumed <= bytes.count, "\(consumed) bytes are consumed")
        try requireClean([whole.method, whole.target, whole.authority], "the request line")
        try whole.fields.requireClean()
        try checkWritten(whole)
        try checkForwarded(whole)
    }

    /// What was understood, written again, is understood the same.
    private static func checkWritten(_ request: ReadRequest) throws(Broken) {
        let text = request.line(request.target) + request.fields.lines + Array("\r\n".utf8)
        let again = ReadRequest(text, [text.count])
        try require(again.outcome == .complete(consumed: text.count), "written again: \(again)")
        try require(again.isSame(as: request), "written again it is another request")
    }

    /// What a backend gets is one request with the same method, path, fields and end.
    private static func checkForwarded(_ request: ReadRequest) throws(Broken) {
        if request.authority.isEmpty { return }
        var head = RequestHead()
        var parser = RequestParser(limits: .init())
        let text = request.line(request.target) + request.fields.lines + Array("\r\n".utf8)
        _ = parser.parse(text.span, into: &head)
        var queue = ByteQueue()
        MessageWriter.appendRequestLine(
            method: head.methodBytes, pathAndQuery: head.pathAndQuery, to: &queue)
        queue.append("Host: ")
        queue.append(head.authority)
        queue.append("\r\n")
        MessageWriter.appendFields(of: head.fields, skipping: [.host], to: &queue)
        if head.framing == .chunked { queue.append("Transfer-Encoding: chunked\r\n") }
        queue.append("\r\n")
        let written = copy(queue.bytes)
        let again = ReadRequest(written, [written.count])
        try require(
            again.outcome == .complete(consumed: written.count), "the backend gets \(again)")
        try require(again.method == request.method, "the backend gets another method")
        try require(again.pathAndQuery == request.pathAndQuery, "the backend gets another path")
        try require(again.authority == request.authority, "the backend gets another host")
        try require(again.framing == request.framing, "the backend sees another end")
    }
}

/// A copy of a parsed request.
private struct ReadRequest: Equatable {
    var outcome = HeadOutcome.needsMore
    var method: [UInt8] = []
    var target: [UInt8] = []
    var pathAndQuery: [UInt8] = []
    var path: [UInt8] = []
    var authority: [UInt8] = []
    var host: [UInt8] = []
    var upgrade: [UInt8]?
    var fields = ReadFields(FieldBlock())
    var version = HTTPVersion.http11
    var framing = BodyFraming.none
    var flags: [Bool] = []
    var policy: [HTTPFault?] = []

    init(_ bytes: [UInt8], _ ends: [Int]) {
        var parser = RequestParser(limits: .init())
        var head = RequestHead()
        for end in ends where outcome == .needsMore {
            outcome = parser.parse(bytes.span.extracting(0..<end), into: &head)
        }
        guard case .complete = outcome else { return }
        (method, target) = (copy(head.methodBytes), copy(head.target))
        (pathAndQuery, path) = (copy(head.pathAndQuery), copy(head.path))
        (authority, host) = (copy(head.authority), copy(head.host))
        upgrade = head.hasUpgrade ? copy(head.upgrade) : nil
        fields = ReadFields(head.fields)
        (version, framing) = (head.version, head.framing)
        flags = [head.isKeepAlive, head.expectsContinue, head.demandsTLS]
        policy = [RequestPolicy().apply(to: &head)]
        var strict = RequestPolicy()
        (strict.passesEncodedSlashes, strict.passesGetBodies) = (false, false)
        strict.underscoreFields = .reject
        policy.append(strict.apply(to: &head))
    }

    /// True exactly when both say the same, wherever they came from.
    func isSame(as other: ReadRequest) -> Bool {
        var copy = self
        copy.outcome = other.outcome
        return copy == other
    }

    /// The request line with this target.
    func line(_ target: [UInt8]) -> [UInt8] {
        let tail = version == .http11 ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n"
        return method + [0x20] + target + Array(tail.utf8)
    }
}

import Bytes
import HTTP

/// Heads of responses, to requests of several methods.
public enum ResponseCheck {
    /// Tries one input.
    public static func run(_ bytes: [UInt8]) throws(Broken) {
        for method in [Method.get, .head] {
            let whole = ReadResponse(bytes, arrivals(bytes)[0], method)
            for ends in arrivals(bytes).dropFirst() {
                let parts = ReadResponse(bytes, ends, method)
                try require(parts == whole, "cut at \(ends) it is another response")
            }
            guard case .complete(let consumed) = whole.outcome else { continue }
            try require(consumed > 0 && consumed <= bytes.count, "\(consumed) bytes are consumed")
            try requireClean([whole.reason], "the reason")
            try whole.fields.requireClean()
            let text = whole.line + whole.fields.lines + Array("\r\n".utf8)
            var again = ReadResponse(text, [text.count], method)
            let isWhole = again.outcome == .complete(consumed: text.count)
            try require(isWhole, "written again: \(again.outcome)")
            again.outcome = whole.outcome
            try require(again == whole, "written again it is another response")
        }
    }
}

/// A copy of a parsed response.
private struct ReadResponse: Equatable {
    var outcome = HeadOutcome.needsMore
    var status = 0
    var reason: [UInt8] = []
    var upgrade: [UInt8]?
    var fields = ReadFields(FieldBlock())
    var version = HTTPVersion.http11
    var framing = BodyFraming.none
    var isKeepAlive = false

    init(_ bytes: [UInt8], _ ends: [Int], _ method: Method) {
        var parser = ResponseParser(limits: .init())
        var head = ResponseHead()
        for end in ends where outcome == .needsMore {
            outcome = parser.parse(
                bytes.span.extracting(0..<end), requestMethod: method, into: &head)
        }
        guard case .complete = outcome else { return }
        (status, reason) = (head.status, copy(head.reason))
        upgrade = head.hasUpgrade ? copy(head.upgrade) : nil
        fields = ReadFields(head.fields)
        (version, framing) = (head.version, head.framing(requestMethod: method))
        isKeepAlive = head.isKeepAlive
    }

    /// The status line.
    var line: [UInt8] {
        let head = version == .http11 ? "HTTP/1.1 \(status) " : "HTTP/1.0 \(status) "
        return Array(head.utf8) + reason + Array("\r\n".utf8)
    }
}

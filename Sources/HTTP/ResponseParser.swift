internal import Bytes

/// Parses the heads of responses, as strictly as those of requests (RFC 9112 §4).
public struct ResponseParser: Sendable {
    private let limits: MessageLimits
    private var scanner: HeadScanner

    /// Makes a parser that is ready for a response.
    public init(limits: MessageLimits) {
        self.limits = limits
        scanner = HeadScanner(limits: limits)
    }

    /// Makes the parser ready for another response.
    public mutating func reset() {
        scanner = HeadScanner(limits: limits)
    }

    /// Looks for a head at the begin of `bytes`: all that has come and was not consumed.
    ///
    /// What `head` held before is forgotten; it is whole exactly when the outcome is `.complete`.
    public mutating func parse(
        _ bytes: Span<UInt8>, requestMethod: Method, into head: inout ResponseHead
    ) -> HeadOutcome {
        if let first = bytes.isEmpty ? nil : bytes[0], first != UInt8(ascii: "H") {
            return .failed(.badStartLine)
        }
        switch scanner.scan(bytes) {
        case .needsMore: return .needsMore
        case .failed(let fault): return .failed(fault == .targetTooLong ? .headTooLarge : fault)
        case .complete(let range, let consumed):
            if let fault = ResponseParser.read(bytes.extracting(range), into: &head, limits: limits)
            {
                return .failed(fault)
            }
            return .complete(consumed: consumed)
        }
    }

    private static func read(
        _ bytes: Span<UInt8>, into head: inout ResponseHead, limits: MessageLimits
    ) -> HTTPFault? {
        head.reset()
        guard let lineEnd = bytes.firstIndex(of: 0x0a), lineEnd > 0 else { return .badStartLine }
        let line = bytes.extracting(0..<(lineEnd - 1))
        if let fault = readStatusLine(line, into: &head) { return fault }
        let lines = bytes.extracting((lineEnd + 1)...)
        if let fault = FieldLines.read(lines, into: &head.fields, limits: limits) { return fault }
        return interpret(&head, limits: limits)
    }

    /// `HTTP-version SP status-code SP [reason]`; the second space may be missing with the reason
    /// (RFC 9112 §4).
    private static func readStatusLine(_ line: Span<UInt8>, into head: inout ResponseHead)
        -> HTTPFault?
    {
        guard line.count >= 12, line[8] == 0x20 else { return .badStartLine }
        switch FieldLines.version(line.extracting(0..<8)) {
        case .success(let version): head.version = version
        case .failure(let fault): return fault
        }
        guard let status = FieldRules.decimal(line.extracting(9..<12)), (100...599).contains(status)
        else {
            return .badStatus
        }
        head.status = Int(status)
        guard line.count > 12 else { return nil }
        guard line[12] == 0x20 else { return .badStatus }
        let reason = line.extracting(13...)
        if reason.hasControl { return .badStartLine }
        head.text.append(reason)
        return nil
    }

    private static func interpret(_ head: inout ResponseHead, limits: MessageLimits) -> HTTPFault? {
        var rules = FieldRules()
        if let fault = rules.readFraming(&head.fields, version: head.version) { return fault }
        if let fault = rules.readConnection(&head.fields, limits: limits) { return fault }
        head.contentLength = rules.contentLength
        head.isChunked = rules.isChunked
        head.isKeepAlive = !rules.closes && (head.version == .http11 || rules.keepsAlive)
        if rules.upgrades, head.version == .http11 {
            if let fault = FieldRules.readUpgrade(head.fields) { return fault }
            readUpgrade(&head)
        }
        return head.framesNothing ? .framedEmptyResponse : nil
    }

    /// One named protocol, in the one version that has upgrades (RFC 9110 §7.8).
    private static func readUpgrade(_ head: inout ResponseHead) {
        guard head.fields.count(of: .upgrade) == 1, let index = head.fields.first(.upgrade) else {
            return
        }
        if !head.fields.value(index).isEmpty { head.upgradeField = index }
    }
}

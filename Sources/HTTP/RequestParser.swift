internal import Bytes

/// What came of looking for a head in the input.
public enum HeadOutcome: Equatable, Sendable {
    /// The head has not ended; call again with the same bytes and more.
    case needsMore
    /// The head is complete and good; so many bytes belong to it.
    case complete(consumed: Int)
    /// The sender broke a rule; nothing that follows can be trusted.
    case failed(HTTPFault)
}

/// Parses the heads of requests, strictly and incrementally (RFC 9112 §2).
public struct RequestParser: Sendable {
    private let limits: MessageLimits
    private var scanner: HeadScanner

    /// Makes a parser that is ready for a request.
    public init(limits: MessageLimits) {
        self.limits = limits
        scanner = HeadScanner(limits: limits)
    }

    /// Makes the parser ready for another request.
    public mutating func reset() {
        scanner = HeadScanner(limits: limits)
    }

    /// Looks for a head at the begin of `bytes`: all that has come and was not consumed.
    ///
    /// What `head` held before is forgotten; it is whole exactly when the outcome is `.complete`.
    public mutating func parse(_ bytes: Span<UInt8>, into head: inout RequestHead) -> HeadOutcome {
        if RequestParser.beginsWrongly(bytes) { return .failed(.badStartLine) }
        switch scanner.scan(bytes) {
        case .needsMore: return .needsMore
        case .failed(let fault): return .failed(fault)
        case .complete(let range, let consumed):
            if let fault = RequestParser.read(bytes.extracting(range), into: &head, limits: limits)
            {
                return .failed(fault)
            }
            return .complete(consumed: consumed)
        }
    }

    /// Whoever speaks another protocol is told at once, not after a timeout, even behind an empty
    /// line.
    private static func beginsWrongly(_ bytes: Span<UInt8>) -> Bool {
        guard !bytes.isEmpty else { return false }
        if bytes[0] != 0x0d { return !ByteSet.tokenCharacters.contains(bytes[0]) }
        return bytes.count > 2 && bytes[1] == 0x0a && !ByteSet.tokenCharacters.contains(bytes[2])
    }

    private static func read(
        _ bytes: Span<UInt8>, into head: inout RequestHead, limits: MessageLimits
    ) -> HTTPFault? {
        head.reset()
        guard let lineEnd = bytes.firstIndex(of: 0x0a), lineEnd > 0 else { return .badStartLine }
        let line = bytes.extracting(0..<(lineEnd - 1))
        if let fault = readRequestLine(line, into: &head) { return fault }
        let lines = bytes.extracting((lineEnd + 1)...)
        if let fault = FieldLines.read(lines, into: &head.fields, limits: limits) { return fault }
        return interpret(&head, limits: limits)
    }

    /// `method SP request-target SP HTTP-version` with exactly one space each (RFC 9112 §3).
    private static func readRequestLine(_ line: Span<UInt8>, into head: inout RequestHead)
        -> HTTPFault?
    {
        guard let methodEnd = line.firstIndex(of: 0x20), methodEnd > 0 else { return .badStartLine }
        let method = line.extracting(0..<methodEnd)
        guard method.isToken else { return .badMethod }
        guard let targetEnd = line.firstIndex(of: 0x20, from: methodEnd + 1),
            targetEnd > methodEnd + 1
        else {
            return .badStartLine
        }
        switch FieldLines.version(line.extracting((targetEnd + 1)...)) {
        case .success(let version): head.version = version
        case .failure(let fault): return fault
        }
        head.method = Method(method)
        head.methodPart = head.store(method)
        return RequestTarget.read(line.extracting((methodEnd + 1)..<targetEnd), into: &head)
    }

    private static func interpret(_ head: inout RequestHead, limits: MessageLimits) -> HTTPFault? {
        if let fault = readHost(&head) { return fault }
        var rules = FieldRules()
        if let fault = rules.readFraming(&head.fields, version: head.version) { return fault }
        if let fault = rules.readConnection(&head.fields, limits: limits) { return fault }
        head.framing = rules.isChunked ? .chunked : rules.contentLength.map { .length($0) } ?? .none
        head.isKeepAlive = !rules.closes && (head.version == .http11 || rules.keepsAlive)
        guard head.version == .http11 else {
            // RFC 9110 §10.1.1: ignored, so that the next hop, in HTTP/1.1, must not see it either.
            head.fields.drop(.expect)
            return nil
        }
        if rules.upgrades {
            if let fault = FieldRules.readUpgrade(head.fields) { return fault }
            readUpgrade(&head)
        }
        return readExpectation(&head)
    }

    /// RFC 9112 §3.2: exactly one Host in HTTP/1.1, and a well-formed one even where the target's
    /// authority wins.
    private static func readHost(_ head: inout RequestHead) -> HTTPFault? {
        if head.fields.count(of: .host) > 1 { return .repeatedHost }
        guard let index = head.fields.first(.host) else {
            return head.version == .http11 ? .missingHost : nil
        }
        let isFromTarget = head.authorityPart.end > 0
        guard let length = Authority.hostLength(head.fields.value(index)) else { return .badHost }
        if isFromTarget { return nil }
        let start = head.text.count
        copyValue(of: head.fields, index, to: &head.text)
        head.authorityPart = .init(start: start, end: head.text.count)
        head.hostPart = .init(start: start, end: start + length)
        return nil
    }

    private static func copyValue(
        of fields: borrowing FieldBlock, _ index: Int, to text: inout ByteQueue
    ) {
        text.append(fields.value(index))
    }

    /// `h2c` is not offered (RFC 9113 §3.1 has removed it); to be asked for it is the same as not
    /// to be asked.
    private static func readUpgrade(_ head: inout RequestHead) {
        guard head.fields.count(of: .upgrade) == 1, let index = head.fields.first(.upgrade) else {
            return
        }
        var list = ListCursor()
        while let token = list.next(in: head.fields.value(index)) {
            if head.fields.value(index).extracting(token).equalsIgnoringCase("h2c") { return }
        }
        if !head.fields.value(index).isEmpty { head.upgradeField = index }
    }

    private static func readExpectation(_ head: inout RequestHead) -> HTTPFault? {
        guard let index = head.fields.first(.expect) else { return nil }
        guard head.fields.count(of: .expect) == 1,
            head.fields.value(index).equalsIgnoringCase("100-continue")
        else { return .badExpectation }
        head.expectsContinue = true
        return nil
    }
}

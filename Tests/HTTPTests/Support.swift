import Bytes

@testable import HTTP

/// All that a parsed request says, as plain values that can be compared.
struct RequestFacts: Equatable {
    var outcome = HeadOutcome.needsMore
    var method = ""
    var target = ""
    var pathAndQuery = ""
    var path = ""
    var authority = ""
    var host = ""
    var upgrade = ""
    var fields: [String] = []
    var hopByHop: [String] = []
    var version = HTTPVersion.http11
    var framing = BodyFraming.none
    var isKeepAlive = false
    var expectsContinue = false

    /// What is wrong with the request, if anything is.
    var fault: HTTPFault? {
        if case .failed(let fault) = outcome { fault } else { nil }
    }

    init(_ outcome: HeadOutcome, _ head: borrowing RequestHead) {
        self.outcome = outcome
        guard case .complete = outcome else { return }
        method = String(copying: head.methodBytes)
        target = String(copying: head.target)
        pathAndQuery = String(copying: head.pathAndQuery)
        path = String(copying: head.path)
        authority = String(copying: head.authority)
        host = String(copying: head.host)
        upgrade = head.hasUpgrade ? String(copying: head.upgrade) : ""
        (fields, hopByHop) = lines(of: head.fields)
        version = head.version
        framing = head.framing
        isKeepAlive = head.isKeepAlive
        expectsContinue = head.expectsContinue
    }
}

/// All that a parsed response says, as plain values that can be compared.
struct ResponseFacts: Equatable {
    var outcome = HeadOutcome.needsMore
    var status = 0
    var reason = ""
    var upgrade: String?
    var fields: [String] = []
    var hopByHop: [String] = []
    var version = HTTPVersion.http11
    var framing = BodyFraming.none
    var isKeepAlive = false

    /// What is wrong with the response, if anything is.
    var fault: HTTPFault? {
        if case .failed(let fault) = outcome { fault } else { nil }
    }

    init(_ outcome: HeadOutcome, _ head: borrowing ResponseHead, _ method: HTTP.Method) {
        self.outcome = outcome
        guard case .complete = outcome else { return }
        status = head.status
        reason = String(copying: head.reason)
        upgrade = head.hasUpgrade ? String(copying: head.upgrade) : nil
        (fields, hopByHop) = lines(of: head.fields)
        version = head.version
        framing = head.framing(requestMethod: method)
        isKeepAlive = head.isKeepAlive
    }
}

/// The fields as `name: value`, all of them and those for the next hop only.
func lines(of block: borrowing FieldBlock) -> (all: [String], hopByHop: [String]) {
    var all: [String] = []
    var hopByHop: [String] = []
    for index in 0..<block.count {
        let line = "\(String(copying: block.name(index))): \(String(copying: block.value(index)))"
        all.append(line)
        if block.isHopByHop(index) { hopByHop.append(line) }
    }
    return (all, hopByHop)
}

/// Parses a request of which more and more comes: first `ends[0]` bytes, then `ends[1]`, and so on.
func parseRequest(
    _ bytes: [UInt8], ends: some Sequence<Int>, limits: MessageLimits = .init()
) -> RequestFacts {
    var parser = RequestParser(limits: limits)
    var head = RequestHead()
    for end in ends {
        let outcome = parser.parse(bytes.span.extracting(0..<end), into: &head)
        if outcome != .needsMore { return RequestFacts(outcome, head) }
    }
    return RequestFacts(.needsMore, head)
}

/// Parses a response of which more and more comes.
func parseResponse(
    _ bytes: [UInt8], ends: some Sequence<Int>, limits: MessageLimits = .init(),
    to method: HTTP.Method = .get
) -> ResponseFacts {
    var parser = ResponseParser(limits: limits)
    var head = ResponseHead()
    for end in ends {
        let outcome = parser.parse(
            bytes.span.extracting(0..<end), requestMethod: method, into: &head)
        if outcome != .needsMore { return ResponseFacts(outcome, head, method) }
    }
    return ResponseFacts(.needsMore, head, method)
}

/// Every way in which a message comes: whole, byte by byte, and in two parts cut at every point.
func arrivals(_ count: Int) -> [[Int]] {
    [Array(0...count)] + (0...count).map { [$0, count] }
}

import Bytes
import HTTP
import Testing

@testable import Proxy

/// What a writer writes, as text.
func written(_ body: (inout ByteQueue) -> Void) -> String {
    var queue = ByteQueue()
    body(&queue)
    return String(copying: queue.bytes)
}

/// Calls `body` with the head of a request that is written as in HTTP/1.1.
func withRequest<Result>(
    _ text: String, _ body: (borrowing RequestHead) throws -> Result
) throws -> Result {
    var parser = RequestParser(limits: MessageLimits())
    var head = RequestHead()
    let bytes = Array(text.utf8)
    #expect(parser.parse(bytes.span, into: &head) == .complete(consumed: bytes.count))
    return try body(head)
}

/// Calls `body` with the head of a response that is written as in HTTP/1.1.
func withResponse<Result>(
    _ text: String, to method: HTTP.Method = .get, _ body: (borrowing ResponseHead) throws -> Result
) throws -> Result {
    var parser = ResponseParser(limits: MessageLimits())
    var head = ResponseHead()
    let bytes = Array(text.utf8)
    let outcome = parser.parse(bytes.span, requestMethod: method, into: &head)
    #expect(outcome == .complete(consumed: bytes.count))
    return try body(head)
}

/// Lines with the line ends of a message, and the empty line behind a head.
func head(_ lines: String...) -> String {
    lines.map { $0 + "\r\n" }.joined() + "\r\n"
}

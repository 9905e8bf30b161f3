import Bytes
import HTTP

/// A copy of a request that came as HTTP/2; what a backend gets of it as HTTP/1.1 says the same.
struct ForwardedRequest {
    /// The method, the target, the authority, the host, the path, and the tunnel's protocol.
    let parts: [[UInt8]]
    /// All fields.
    let fields: ReadFields

    /// Copies a head; refuses one that HTTP/1.1 would refuse or understand otherwise.
    init(_ head: borrowing RequestHead) throws(Broken) {
        let isTunnel = head.hasTunnelProtocol
        parts = [
            copy(head.methodBytes), copy(head.pathAndQuery), copy(head.authority),
            copy(head.host), copy(head.path), isTunnel ? copy(head.tunnelProtocol) : [],
        ]
        fields = ReadFields(head.fields)
        try requireClean(parts, "the pseudo-fields")
        try fields.requireClean()
        try require(isTunnel == (head.method == .connect), "CONNECT that is no tunnel")
        let method = isTunnel ? Array("GET".utf8) : parts[0]
        var queue = ByteQueue()
        MessageWriter.appendRequestLine(
            method: method.span, pathAndQuery: head.pathAndQuery, to: &queue)
        queue.append("Host: ")
        queue.append(head.authority)
        queue.append("\r\n")
        MessageWriter.appendFields(of: head.fields, skipping: [.host], to: &queue)
        if head.framing == .chunked { queue.append("Transfer-Encoding: chunked\r\n") }
        queue.append("\r\n")
        try checkWritten(copy(queue.bytes), method, head.framing)
    }

    private func checkWritten(
        _ text: [UInt8], _ method: [UInt8], _ framing: BodyFraming
    ) throws(Broken) {
        // The limits are HTTP/2's own: a few bytes more may stand in the same fields.
        let limits = MessageLimits(headBytes: 1 << 20, fieldCount: 200)
        var parser = RequestParser(limits: limits)
        var again = RequestHead()
        let outcome = parser.parse(text.span, into: &again)
        try require(outcome == .complete(consumed: text.count), "the backend gets \(outcome)")
        try require(copy(again.methodBytes) == method, "the backend gets another method")
        try require(copy(again.pathAndQuery) == parts[1], "the backend gets another target")
        try require(copy(again.authority) == parts[2], "the backend gets another authority")
        try require(copy(again.host) == parts[3], "the backend gets another host")
        try require(copy(again.path) == parts[4], "the backend gets another path")
        try require(again.framing == framing, "the backend sees another end")
        let seen = ReadFields(again.fields).pairs.filter { pair in
            pair.name != Array("Host".utf8) && pair.name != Array("Transfer-Encoding".utf8)
        }
        let passed = fields.pairs.filter { $0.isPassed && $0.name != Array("host".utf8) }
        try require(seen.map(\.name) == passed.map(\.name), "the backend gets other names")
        try require(seen.map(\.value) == passed.map(\.value), "the backend gets other values")
    }
}

extension ReadFields {
    /// The fields one by one.
    fileprivate var pairs: [(name: [UInt8], value: [UInt8], isPassed: Bool)] {
        names.indices.map { (names[$0], values[$0], passed[$0]) }
    }
}

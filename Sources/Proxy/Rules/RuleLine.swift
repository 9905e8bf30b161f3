internal import Bytes
internal import Config
internal import HTTP
internal import Platform

/// A text with variables, in the form that is written: bytes and what stands between them.
struct RuleLine: Sendable {
    private enum Segment: Sendable {
        case literal([UInt8])
        case variable(RuleVariable)
    }

    private let segments: [Segment]

    /// Takes over the operator's text.
    init(_ text: RuleText) {
        segments = text.segments.map { segment in
            switch segment {
            case .literal(let text): .literal(Array(text.utf8))
            case .variable(let variable): .variable(variable)
            }
        }
    }

    /// Writes the text for an exchange.
    ///
    /// What a client or a server chose loses its control characters here, so that no value can
    /// end its line, whatever has been checked before.
    func append(
        for exchange: Exchange, on connection: DownstreamConnection,
        path: RulePath = .asked, to queue: inout ByteQueue
    ) {
        for segment in segments {
            switch segment {
            case .literal(let bytes): queue.append(bytes.span)
            case .variable(let variable):
                RuleLine.append(variable, exchange, connection, path, to: &queue)
            }
        }
    }

    private static func append(
        _ variable: RuleVariable, _ exchange: Exchange, _ connection: DownstreamConnection,
        _ path: RulePath, to queue: inout ByteQueue
    ) {
        switch variable {
        case .host: appendHost(exchange.request, to: &queue)
        case .path: appendPath(exchange.request, path, to: &queue)
        case .query: appendQuery(exchange.request, to: &queue)
        case .method: appendMethod(exchange.request, to: &queue)
        case .scheme: queue.append(connection.isTLS ? "https" : "http")
        case .clientAddress: connection.client.appendHost(to: &queue)
        case .clientPort:
            if let port = connection.client.port { queue.append(decimal: Int(port)) }
        case .clientSubject:
            if exchange.asksForCertificate { append(connection.facts.subject, to: &queue) }
        case .user: append(exchange.user, to: &queue)
        case .tlsVersion: append(connection.facts.version, to: &queue)
        case .tlsCipher: append(connection.facts.cipher, to: &queue)
        case .sni: append(connection.facts.serverName, to: &queue)
        case .requestID: append(exchange.requestID, to: &queue)
        case .status: queue.append(decimal: exchange.status)
        }
    }

    private static func appendHost(_ request: borrowing RequestHead, to queue: inout ByteQueue) {
        append(request.host, to: &queue)
    }

    private static func appendQuery(_ request: borrowing RequestHead, to queue: inout ByteQueue) {
        append(request.query, to: &queue)
    }

    private static func appendMethod(_ request: borrowing RequestHead, to queue: inout ByteQueue) {
        append(request.methodBytes, to: &queue)
    }

    private static func append(_ value: borrowing ByteQueue, to queue: inout ByteQueue) {
        append(value.bytes, to: &queue)
    }

    private static func append(_ value: [UInt8], to queue: inout ByteQueue) {
        append(value.span, to: &queue)
    }

    /// Writes the path, or the rest of it that a rule speaks of.
    static func appendPath(
        _ request: borrowing RequestHead, _ path: RulePath, to queue: inout ByteQueue
    ) {
        let asked = request.path
        let start = path.start(in: asked)
        // A path that is taken off entirely leaves the root.
        if start == asked.count { queue.append("/") }
        append(asked.extracting(start...), to: &queue)
    }

    /// Writes a value without the bytes that no field may have (RFC 9110 §5.5).
    static func append(_ value: Span<UInt8>, to queue: inout ByteQueue) {
        guard value.hasControl else {
            queue.append(value)
            return
        }
        for index in value.indices where value[index] >= 0x20 && value[index] != 0x7f {
            queue.append(value[index])
        }
    }
}

/// How much of the path that was asked for a rule speaks of.
struct RulePath: Sendable {
    /// What is taken off where the path begins so; whole segments without a slash at the end.
    let prefix: [UInt8]

    /// The path as the client asked for it.
    static let asked = RulePath(prefix: [])

    /// Where in the path the rest begins that the rule speaks of.
    func start(in path: Span<UInt8>) -> Int {
        guard !prefix.isEmpty, path.count >= prefix.count else { return 0 }
        for index in prefix.indices where prefix[index] != path[index] { return 0 }
        let isWhole = path.count == prefix.count || path[prefix.count] == UInt8(ascii: "/")
        return isWhole ? prefix.count : 0
    }
}

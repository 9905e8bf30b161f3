internal import Bytes
internal import HTTP
internal import Platform
internal import TLS

/// Messages on their way through: written anew from their parsed form, hop by hop.
enum Forwarding {
    /// Writes the head of a request as the backend gets it, always HTTP/1.1 and with exactly one
    /// Host.
    ///
    /// - Parameters:
    ///   - identity: field lines that tell of the client's certificate.
    ///   - webSocketKey: the key of our own for a tunnel whose client has none.
    static func appendRequestHead(
        _ request: borrowing RequestHead, client: SocketAddress, isTLS: Bool,
        isEarly: Bool = false, rules: ForwardingRules, identity: [UInt8] = [],
        webSocketKey: [UInt8] = [],
        to queue: inout ByteQueue
    ) {
        if request.hasTunnelProtocol {
            appendWebSocketLine(request, to: &queue)
        } else {
            MessageWriter.appendRequestLine(
                method: request.methodBytes, pathAndQuery: request.forwardedTarget, to: &queue)
        }
        queue.append("Host: ")
        queue.append(request.forwardedAuthority)
        queue.append("\r\n")
        let isTrusted = rules.trusts(client)
        var skipped = unforwarded(isTrusted: isTrusted, isEarly: isEarly)
        if request.hasTunnelProtocol { skipped.insert(.secWebSocketKey) }
        MessageWriter.appendFields(of: request.fields, skipping: skipped, to: &queue)
        if isEarly { queue.append("Early-Data: 1\r\n") }
        if request.framing == .chunked { queue.append("Transfer-Encoding: chunked\r\n") }
        if request.hasUpgrade {
            queue.append("Connection: Upgrade\r\nUpgrade: ")
            queue.append(request.upgrade)
            queue.append("\r\n")
        } else if request.hasTunnelProtocol {
            queue.append("Connection: Upgrade\r\nUpgrade: ")
            queue.append(request.tunnelProtocol)
            queue.append("\r\n")
            if !webSocketKey.isEmpty {
                queue.append("Sec-WebSocket-Key: ")
                queue.append(webSocketKey.span)
                queue.append("\r\n")
            }
        }
        appendForwardingFields(
            request, client: client, isTLS: isTLS, rules: rules, isTrusted: isTrusted, to: &queue)
        queue.append(identity.span)
        queue.append("\r\n")
    }

    /// Which fields of a request are ours to say.
    static func unforwarded(isTrusted: Bool, isEarly: Bool) -> FieldNameSet {
        isTrusted
            ? (isEarly ? keptFromTrustedEarly : keptFromTrusted)
            : (isEarly ? replacedEarly : replaced)
    }

    /// What is `CONNECT` over HTTP/2 is `GET` over HTTP/1.1 (RFC 8441 §5).
    private static func appendWebSocketLine(
        _ request: borrowing RequestHead, to queue: inout ByteQueue
    ) {
        queue.append("GET ")
        queue.append(request.forwardedTarget)
        queue.append(" HTTP/1.1\r\n")
    }

    /// Writes the head of a final response as the client gets it.
    static func appendResponseHead(
        _ response: borrowing ResponseHead, bodyForm: BodyForm, persistence: Persistence,
        site: SiteFields, isTLS: Bool, to queue: inout ByteQueue
    ) {
        MessageWriter.appendStatusLine(status: response.status, reason: response.reason, to: &queue)
        let skipped = bodyForm == .asReceived && response.status != 204 ? none : contentLength
        site.appendFields(of: response.fields, skipping: skipped, isTLS: isTLS, to: &queue)
        if bodyForm == .chunked { queue.append("Transfer-Encoding: chunked\r\n") }
        if bodyForm == .empty { queue.append("Content-Length: 0\r\n") }
        persistence.append(to: &queue)
        queue.append("\r\n")
    }

    /// Writes the head of a 1xx response as the client gets it.
    static func appendInterimHead(_ response: borrowing ResponseHead, to queue: inout ByteQueue) {
        MessageWriter.appendStatusLine(status: response.status, reason: response.reason, to: &queue)
        MessageWriter.appendFields(of: response.fields, skipping: contentLength, to: &queue)
        queue.append("\r\n")
    }

    /// Writes the head of a 101 response, with the upgrade that the server chose (RFC 9110 §7.8).
    static func appendSwitchingHead(_ response: borrowing ResponseHead, to queue: inout ByteQueue) {
        MessageWriter.appendStatusLine(status: response.status, reason: response.reason, to: &queue)
        MessageWriter.appendFields(of: response.fields, skipping: contentLength, to: &queue)
        queue.append("Connection: Upgrade\r\nUpgrade: ")
        queue.append(response.upgrade)
        queue.append("\r\n\r\n")
    }

    /// True exactly when the response names one protocol and the request has offered it (RFC 9110
    /// §7.8).
    static func isAskedFor(
        _ response: borrowing ResponseHead, by request: borrowing RequestHead,
        webSocket: WebSocketHandshake? = nil
    ) -> Bool {
        guard response.hasUpgrade else { return false }
        if request.hasTunnelProtocol {
            return request.tunnelProtocol.equalsIgnoringCase(response.upgrade)
                && (webSocket.map { answers(response.fields, $0) } ?? true)
        }
        guard request.hasUpgrade else { return false }
        let offered = request.upgrade
        var start = 0
        while start < offered.count {
            let end = offered.firstIndex(of: UInt8(ascii: ","), from: start) ?? offered.count
            let name = trimmed(offered, start..<end)
            if offered.extracting(name).equalsIgnoringCase(response.upgrade) { return true }
            start = end + 1
        }
        return false
    }

    /// True exactly when the server has answered our key, once (RFC 6455 §4.1).
    private static func answers(
        _ fields: borrowing FieldBlock, _ handshake: WebSocketHandshake
    ) -> Bool {
        guard fields.count(of: .secWebSocketAccept) == 1,
            let index = fields.first(.secWebSocketAccept)
        else { return false }
        return fields.value(index).equals(handshake.accept.span)
    }

    /// The range without the white space at its ends.
    static func trimmed(_ text: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        var low = range.lowerBound
        var high = range.upperBound
        while low < high, text[low] == 0x20 || text[low] == 0x09 { low += 1 }
        while high > low, text[high - 1] == 0x20 || text[high - 1] == 0x09 { high -= 1 }
        return low..<high
    }

    /// What a client says of earlier hops is replaced, unless the client is trusted: then it is
    /// continued. What a rule has decided about is not said here.
    static func appendForwardingFields(
        _ request: borrowing RequestHead, client: SocketAddress, isTLS: Bool,
        rules: ForwardingRules,
        isTrusted: Bool, to queue: inout ByteQueue
    ) {
        if rules.sendsXForwarded {
            appendXForwarded(
                request, client: client, isTLS: isTLS, isTrusted: isTrusted, to: &queue)
        }
        if rules.sendsForwarded, !request.fields.isRuled(.forwarded) {
            queue.append("Forwarded: ")
            if isTrusted { appendEarlier(request.fields, .forwarded, to: &queue) }
            appendForwardedElement(request, client: client, isTLS: isTLS, to: &queue)
        }
        if rules.sendsVia, !request.fields.isRuled(.via) {
            switch request.version {
            case .http10: queue.append("Via: 1.0 martlet\r\n")
            case .http11: queue.append("Via: 1.1 martlet\r\n")
            case .http2: queue.append("Via: 2 martlet\r\n")
            }
        }
    }

    private static func appendXForwarded(
        _ request: borrowing RequestHead, client: SocketAddress, isTLS: Bool, isTrusted: Bool,
        to queue: inout ByteQueue
    ) {
        if !request.fields.isRuled(.xForwardedFor) {
            queue.append("X-Forwarded-For: ")
            if isTrusted { appendEarlier(request.fields, .xForwardedFor, to: &queue) }
            client.appendHost(to: &queue)
            queue.append("\r\n")
        }
        if !request.fields.isRuled(.xForwardedProto),
            !isTrusted || !request.fields.contains(.xForwardedProto)
        {
            queue.append(isTLS ? "X-Forwarded-Proto: https\r\n" : "X-Forwarded-Proto: http\r\n")
        }
        if !request.fields.isRuled(.xForwardedHost),
            !isTrusted || !request.fields.contains(.xForwardedHost)
        {
            queue.append("X-Forwarded-Host: ")
            queue.append(request.authority)
            queue.append("\r\n")
        }
    }

    /// One element of `Forwarded` (RFC 7239 §4): IPv6 addresses stand in brackets and quotes.
    private static func appendForwardedElement(
        _ request: borrowing RequestHead, client: SocketAddress, isTLS: Bool,
        to queue: inout ByteQueue
    ) {
        queue.append("for=")
        switch client {
        case .ipv4: client.appendHost(to: &queue)
        case .ipv6:
            queue.append("\"[")
            client.appendHost(to: &queue)
            queue.append("]\"")
        case .unix: queue.append("unknown")
        }
        queue.append(isTLS ? ";proto=https;host=\"" : ";proto=http;host=\"")
        queue.append(request.authority)
        queue.append("\"\r\n")
    }

    /// The values of every field of this name, each with a comma behind it.
    private static func appendEarlier(
        _ fields: borrowing FieldBlock, _ name: FieldName, to queue: inout ByteQueue
    ) {
        for index in 0..<fields.count where fields.id(index) == name {
            queue.append(fields.value(index))
            queue.append(", ")
        }
    }

    static let none = FieldNameSet([])
    /// Also what must not stand in a 1xx or a 204 (RFC 9110 §8.6).
    static let contentLength = FieldNameSet([.contentLength])
    /// `X-Real-IP` is not ours to send, but a backend that believes it would be deceived.
    private static let replaced = FieldNameSet([
        .host, .forwarded, .xForwardedFor, .xForwardedProto, .xForwardedHost, .xRealIP, .clientCert,
        .clientCertChain, .xForwardedClientCert,
    ])
    /// `Early-Data` is never removed (RFC 8470 §5.1); ours takes the place of the client's.
    private static let replacedEarly = FieldNameSet([
        .host, .forwarded, .xForwardedFor, .xForwardedProto, .xForwardedHost, .xRealIP, .clientCert,
        .clientCertChain, .xForwardedClientCert, .earlyData,
    ])
    /// Who has shown which certificate is told by him alone who has verified it, which is us.
    private static let keptFromTrusted = FieldNameSet([
        .host, .forwarded, .xForwardedFor, .clientCert, .clientCertChain, .xForwardedClientCert,
    ])
    private static let keptFromTrustedEarly = FieldNameSet([
        .host, .forwarded, .xForwardedFor, .clientCert, .clientCertChain, .xForwardedClientCert,
        .earlyData,
    ])
}

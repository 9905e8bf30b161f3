internal import Bytes
internal import HTTP
internal import Platform

/// Requests to servers that speak HTTP/2.
extension Forwarding {
    /// Adds the head of a request as the backend gets it to a message.
    ///
    /// - Parameters:
    ///   - identity: field lines that tell of the client's certificate.
    ///   - scheme: that of the connection to the server: whoever speaks TLS refuses `http`.
    ///   - scratch: an empty queue; empty again afterwards.
    static func addRequestHead(
        _ request: borrowing RequestHead, client: SocketAddress, isTLS: Bool, isEarly: Bool,
        rules: ForwardingRules, identity: [UInt8], scheme: StaticString, scratch: inout ByteQueue,
        to message: inout HTTP2Message
    ) {
        if asksForTunnel(request) {
            message.add(":method", "CONNECT")
            if request.hasTunnelProtocol {
                message.add(":protocol", request.tunnelProtocol)
            } else {
                message.add(":protocol", "websocket")
            }
        } else {
            message.add(":method", request.methodBytes)
        }
        message.add(":scheme", scheme)
        message.add(":path", request.forwardedTarget)
        // RFC 9113 §8.3.1: not generated where HTTP/1.0 has left it out.
        if !request.forwardedAuthority.isEmpty {
            message.add(":authority", request.forwardedAuthority)
        }
        let isTrusted = rules.trusts(client)
        message.addRequest(
            request.fields, skipping: unforwarded(isTrusted: isTrusted, isEarly: isEarly),
            isTunnel: asksForTunnel(request))
        // It is for one hop; said anew it tells that trailers get through (RFC 9110 §10.1.4).
        if takesTrailers(request.fields) { message.add("te", "trailers") }
        if isEarly { scratch.append("Early-Data: 1\r\n") }
        appendForwardingFields(
            request, client: client, isTLS: isTLS, rules: rules, isTrusted: isTrusted, to: &scratch)
        scratch.append(identity.span)
        message.add(lines: scratch.bytes)
        scratch.removeAll()
    }

    /// True exactly when the request is for a tunnel: an extended CONNECT, or an upgrade to
    /// WebSocket, which is a GET (RFC 6455 §4.1). Other upgrades need not be followed (RFC 9110
    /// §7.8): a request of another method stays what it is, and its content stays content.
    static func asksForTunnel(_ request: borrowing RequestHead) -> Bool {
        if request.hasTunnelProtocol { return true }
        return request.method == .get && request.framing == .none
            && request.upgrade.equalsIgnoringCase("websocket")
    }

    /// Writes the head that tells an HTTP/1.1 client that its tunnel is there (RFC 6455 §4.2.2).
    static func appendTunnelHead(
        _ response: borrowing ResponseHead, to request: borrowing RequestHead,
        queue: inout ByteQueue
    ) {
        queue.append("HTTP/1.1 101 Switching Protocols\r\n")
        MessageWriter.appendFields(of: response.fields, skipping: contentLength, to: &queue)
        queue.append("Connection: Upgrade\r\nUpgrade: websocket\r\n")
        if let index = request.fields.first(.secWebSocketKey) {
            var key: [UInt8] = []
            let value = request.fields.value(index)
            for position in value.indices { key.append(value[position]) }
            queue.append("Sec-WebSocket-Accept: ")
            queue.append(WebSocketHandshake(key: key).accept.span)
            queue.append("\r\n")
        }
        queue.append("\r\n")
    }

    /// True exactly when the client says that it takes trailers.
    private static func takesTrailers(_ fields: borrowing FieldBlock) -> Bool {
        guard fields.contains(.te) else { return false }
        for index in 0..<fields.count where fields.id(index) == .te {
            let value = fields.value(index)
            var start = 0
            while start < value.count {
                let end = value.firstIndex(of: UInt8(ascii: ","), from: start) ?? value.count
                let name = trimmed(value, start..<end)
                if value.extracting(name).equalsIgnoringCase("trailers") { return true }
                start = end + 1
            }
        }
        return false
    }
}

extension HTTP2Message {
    /// Adds a request's fields; the key of WebSocket has no meaning in a tunnel over HTTP/2
    /// (RFC 8441 §5).
    mutating func addRequest(
        _ block: borrowing FieldBlock, skipping: FieldNameSet, isTunnel: Bool
    ) {
        var skipped = skipping
        if isTunnel { skipped.insert(.secWebSocketKey) }
        add(block, skipping: skipped)
    }

    /// Adds fields that were written as lines of HTTP/1.1.
    mutating func add(lines: Span<UInt8>) {
        var start = 0
        while start < lines.count,
            let colon = lines.firstIndex(of: UInt8(ascii: ":"), from: start),
            let end = lines.firstIndex(of: 0x0d, from: colon)
        {
            add(
                name: lines.extracting(start..<colon), value: lines.extracting((colon + 2)..<end))
            start = end + 2
        }
    }
}

internal import Bytes
internal import HTTP
internal import Platform

/// Requests to servers that speak HTTP/2.
extension Forwarding {
    /// Adds the head of a request as the backend gets it to the session's message.
    ///
    /// - Parameters:
    ///   - identity: field lines that tell of the client's certificate.
    ///   - scratch: an empty queue; empty again afterwards.
    static func addRequestHead(
        _ request: borrowing RequestHead, client: SocketAddress, isTLS: Bool, isEarly: Bool,
        rules: ForwardingRules, identity: [UInt8], scratch: inout ByteQueue,
        to session: HTTP2Session
    ) {
        session.addField(":method", request.methodBytes)
        session.addField(":scheme", "http")
        session.addField(":path", request.pathAndQuery)
        session.addField(":authority", request.authority)
        let isTrusted = rules.trusts(client)
        var fields = HTTP2Fields(session: session)
        fields.add(
            request.fields, skipping: unforwarded(isTrusted: isTrusted, isEarly: isEarly))
        // It is for one hop; said anew it tells that trailers get through (RFC 9110 §10.1.4).
        if takesTrailers(request.fields) { fields.add("te", "trailers") }
        if isEarly { scratch.append("Early-Data: 1\r\n") }
        appendForwardingFields(
            request, client: client, isTLS: isTLS, rules: rules, isTrusted: isTrusted, to: &scratch)
        scratch.append(identity.span)
        fields.add(lines: scratch.bytes)
        scratch.removeAll()
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

extension HTTP2Fields {
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

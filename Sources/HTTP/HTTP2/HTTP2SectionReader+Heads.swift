internal import Bytes

extension HTTP2SectionReader {
    /// What the session keeps of a request's section.
    struct Summary {
        /// What is wrong.
        var fault: HTTPFault?
        /// How large the section is.
        var listBytes: Int
        /// How much payload Content-Length promises; negative where nothing is promised.
        var promised: Int64 = -1
        /// What its `priority` field says.
        var priority: HTTP2Priority?
    }

    /// Ends a request's section: what its fields mean together.
    mutating func finishRequest(endsStream: Bool) -> Summary {
        content.request.version = .http2
        content.request.isKeepAlive = true
        if fault == nil { note(checkPseudo(content.request)) }
        if fault == nil { note(HTTP2SectionReader.readPath(&content.request)) }
        if fault == nil { note(readAuthority()) }
        if fault == nil {
            joinCookies()
            note(HTTP2SectionReader.readFraming(&content.request, endsStream: endsStream))
        }
        var summary = Summary(fault: fault, listBytes: listBytes)
        if case .length(let length) = content.request.framing { summary.promised = length }
        summary.priority = content.request.fields.first(.priority).map {
            HTTP2Priority(content.request.fields.value($0))
        }
        return summary
    }

    /// RFC 9113 §8.3.1, RFC 9113 §8.5, RFC 8441 §4
    private func checkPseudo(_ head: borrowing RequestHead) -> HTTPFault? {
        guard pseudo.contains(.method) else { return .badStartLine }
        if pseudo.contains(.tunnel) {
            guard allowsExtendedConnect, head.method == .connect,
                pseudo.isSuperset(of: [.scheme, .path, .authority])
            else { return .badStartLine }
            // Other protocols are answered with 501, as RFC 9220 §3 says for HTTP/3: passed on as
            // `Upgrade` to a server of HTTP/1.1, `h2c` would open a way past all checks.
            return head.tunnelProtocol.equalsIgnoringCase("websocket") ? nil : .connectRefused
        }
        if head.method == .connect {
            guard pseudo.isDisjoint(with: [.scheme, .path]), pseudo.contains(.authority) else {
                return .badStartLine
            }
            return .connectRefused
        }
        return pseudo.isSuperset(of: [.scheme, .path]) ? nil : .badStartLine
    }

    private static func readPath(_ head: inout RequestHead) -> HTTPFault? {
        let part = head.targetPart
        guard part.end > part.start else { return .badTarget }
        var pathEnd = part.end
        for index in part.range {
            let byte = head.text.bytes[index]
            guard RequestTarget.isTargetByte(byte) else { return .badTarget }
            if byte == UInt8(ascii: "?"), pathEnd == part.end { pathEnd = index }
        }
        let isStar = part.end - part.start == 1 && head.text.bytes[part.start] == UInt8(ascii: "*")
        if isStar ? head.method != .options : head.text.bytes[part.start] != UInt8(ascii: "/") {
            return .badTarget
        }
        head.pathAndQueryPart = part
        head.pathPart = .init(start: part.start, end: pathEnd)
        return nil
    }

    /// RFC 9113 §8.3.1: `:authority` is what Host is in HTTP/1.1; where both stand they agree.
    private mutating func readAuthority() -> HTTPFault? {
        if content.request.fields.count(of: .host) > 1 { return .repeatedHost }
        let hasAuthority = pseudo.contains(.authority)
        if let index = content.request.fields.first(.host) {
            if hasAuthority {
                guard
                    HTTP2SectionReader.agree(
                        content.request.authority, content.request.fields.value(index))
                else {
                    return .conflictingFraming
                }
            } else {
                let start = content.request.text.count
                HTTP2SectionReader.copy(content.request.fields, index, to: &content.request.text)
                content.request.authorityPart = .init(start: start, end: content.request.text.count)
            }
        } else if !hasAuthority {
            return .missingHost
        }
        guard let length = Authority.hostLength(content.request.authority) else { return .badHost }
        let start = content.request.authorityPart.start
        content.request.hostPart = .init(start: start, end: start + length)
        return nil
    }

    private static func agree(_ one: Span<UInt8>, _ other: Span<UInt8>) -> Bool {
        one.equalsIgnoringCase(other)
    }

    private static func copy(
        _ fields: borrowing FieldBlock, _ index: Int, to text: inout ByteQueue
    ) {
        text.append(fields.value(index))
    }

    private static func readFraming(_ head: inout RequestHead, endsStream: Bool) -> HTTPFault? {
        var rules = FieldRules()
        if let fault = rules.readFraming(&head.fields, version: .http2) { return fault }
        if let length = rules.contentLength {
            // RFC 9113 §8.1.1; a tunnel has no content (RFC 9110 §9.3.6).
            if endsStream && length > 0 || head.method == .connect { return .conflictingFraming }
            head.framing = .length(length)
        } else {
            // What follows a CONNECT is no content, but the bytes of a tunnel.
            head.framing = endsStream || head.method == .connect ? .none : .chunked
        }
        return readExpectation(&head)
    }

    private static func readExpectation(_ head: inout RequestHead) -> HTTPFault? {
        guard let index = head.fields.first(.expect) else { return nil }
        guard head.fields.count(of: .expect) == 1,
            head.fields.value(index).equalsIgnoringCase("100-continue")
        else { return .badExpectation }
        head.expectsContinue = true
        return nil
    }

    /// Ends a response's section; returns what is wrong.
    ///
    /// - Parameter asksHead: the request was HEAD, whose answer has no content.
    mutating func finishResponse(endsStream: Bool, asksHead: Bool) -> HTTPFault? {
        guard fault == nil else { return fault }
        content.response.version = .http2
        content.response.isKeepAlive = true
        guard pseudo == .status else { return .badStartLine }
        // An interim response is followed by another one.
        if endsStream, content.response.status < 200 { return .badStatus }
        var rules = FieldRules()
        if let fault = rules.readFraming(&content.response.fields, version: .http2) { return fault }
        content.response.contentLength = rules.contentLength
        let hasContent =
            !asksHead && content.response.status != 204 && content.response.status != 304
        if endsStream, hasContent, let length = rules.contentLength, length > 0 {
            return .conflictingFraming
        }
        content.response.isChunked = !endsStream && rules.contentLength == nil
        content.response.endsWithHead = endsStream
        return nil
    }
}

internal import Bytes
internal import HTTP
internal import Platform

/// Answers that Martlet gives itself: errors and redirects, short and readable.
enum LocalAnswer {
    /// Writes the answer for an error: the status, and a sentence that says why.
    ///
    /// - Parameter fields: what rules say on every response.
    static func append(
        _ error: ProxyError, isHead: Bool, persistence: Persistence,
        fields: borrowing FieldBlock, site: SiteFields, isTLS: Bool, to queue: inout ByteQueue
    ) {
        let reason = StatusText.reason(error.status)
        appendHead(
            status: error.status,
            length: reason.utf8CodeUnitCount + error.text.utf8CodeUnitCount + 6,
            persistence: persistence, unless: fields, to: &queue)
        if let seconds = error.retryAfter {
            queue.append("Retry-After: ")
            queue.append(decimal: seconds)
            queue.append("\r\n")
        }
        site.appendFields(of: fields, skipping: Forwarding.none, isTLS: isTLS, to: &queue)
        queue.append("\r\n")
        if !isHead { appendText(of: error, to: &queue) }
    }

    /// Writes the sentence that says why.
    static func appendText(of error: ProxyError, to queue: inout ByteQueue) {
        queue.append(decimal: error.status)
        queue.append(" ")
        queue.append(StatusText.reason(error.status))
        queue.append("\n")
        queue.append(error.text)
        queue.append("\n")
    }

    /// Writes the redirect to the same place under HTTPS; 308 keeps the method (RFC 9110 §15.4.9).
    static func appendRedirect(
        _ request: borrowing RequestHead, port: UInt16, persistence: Persistence,
        to queue: inout ByteQueue
    ) {
        appendHead(status: 308, length: 0, persistence: persistence, to: &queue)
        queue.append("Location: https://")
        queue.append(request.host)
        if port != 443 {
            queue.append(":")
            queue.append(decimal: Int(port))
        }
        // The asterisk form names the server itself (RFC 9112 §3.2.4).
        if !request.pathAndQuery.equals("*") { queue.append(request.pathAndQuery) }
        queue.append("\r\n\r\n")
    }

    /// Writes, in plain text, why a plain request on a TLS port gets no answer of the site.
    static func appendPlainHTTP(to queue: inout ByteQueue) {
        let text: StaticString =
            "400 Bad Request\nThis port speaks HTTPS: begin the address with https://.\n"
        appendHead(status: 400, length: text.utf8CodeUnitCount, persistence: .ends, to: &queue)
        queue.append("\r\n")
        queue.append(text)
    }

    private static func appendHead(
        status: Int, length: Int, persistence: Persistence, to queue: inout ByteQueue
    ) {
        appendHead(
            status: status, length: length, persistence: persistence, unless: FieldBlock(),
            to: &queue)
    }

    /// Writes the time, unless rules have decided about it.
    static func appendDate(unless fields: borrowing FieldBlock, to queue: inout ByteQueue) {
        if fields.isRuled(.date) { return }
        queue.append("Date: ")
        WallTime.now().appendHTTPDate(to: &queue)
        queue.append("\r\n")
    }

    /// Writes the begin of a head, but for what rules have decided about.
    private static func appendHead(
        status: Int, length: Int, persistence: Persistence,
        unless fields: borrowing FieldBlock, to queue: inout ByteQueue
    ) {
        queue.append("HTTP/1.1 ")
        queue.append(decimal: status)
        queue.append(" ")
        queue.append(StatusText.reason(status))
        queue.append("\r\n")
        appendDate(unless: fields, to: &queue)
        if !fields.isRuled(.contentType) {
            queue.append("Content-Type: text/plain; charset=utf-8\r\n")
        }
        queue.append("Content-Length: ")
        queue.append(decimal: length)
        queue.append("\r\n")
        persistence.append(to: &queue)
    }
}

/// What a response of HTTP/1 says of its connection (RFC 9112 §9.3).
enum Persistence {
    /// It ends.
    case ends
    /// It goes on, which HTTP/1.1 need not say.
    case goesOn
    /// It goes on with a client of HTTP/1.0, which would wait for the end otherwise.
    case goesOnAsSaid

    init(keepsAlive: Bool, version: HTTPVersion) {
        self = !keepsAlive ? .ends : version == .http10 ? .goesOnAsSaid : .goesOn
    }

    /// Writes the field, if there is one.
    func append(to queue: inout ByteQueue) {
        switch self {
        case .ends: queue.append("Connection: close\r\n")
        case .goesOn: break
        case .goesOnAsSaid: queue.append("Connection: keep-alive\r\n")
        }
    }
}

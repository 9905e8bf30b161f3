public import Bytes
internal import Platform

/// The forms of access-log lines.
public enum AccessLogFormat: Sendable, Equatable {
    /// One flat JSON object a line.
    case json
    /// Apache's and nginx's "combined".
    case combined
}

/// Writes the facts of an exchange as one line.
public enum AccessLogFormatter {
    /// Appends the line and its line feed.
    public static func append(
        _ record: AccessRecord, format: AccessLogFormat, to line: inout ByteQueue
    ) {
        switch format {
        case .json where record.version == .tcp: appendTCP(record, to: &line)
        case .json: appendJSON(record, to: &line)
        case .combined: appendCombined(record, to: &line)
        }
    }

    private static func appendJSON(_ record: AccessRecord, to line: inout ByteQueue) {
        appendClient(record, to: &line)
        line.append(",\"method\":")
        appendText(record.method.bytes, to: &line)
        line.append(",\"host\":")
        appendText(record.host.bytes, to: &line)
        line.append(",\"target\":")
        appendText(record.target.bytes, to: &line)
        line.append(",\"protocol\":\"")
        line.append(record.version.label)
        line.append("\",\"status\":")
        line.append(decimal: record.status)
        appendVolume(record, to: &line)
        appendRules(record, to: &line)
        line.append(",\"user_agent\":")
        appendText(record.userAgent.bytes, to: &line)
        line.append(",\"referer\":")
        appendText(record.referer.bytes, to: &line)
        line.append(",\"request_on_connection\":")
        line.append(decimal: record.requestOnConnection)
        line.append("}\n")
    }

    /// When, who, and where to.
    static func appendClient(_ record: AccessRecord, to line: inout ByteQueue) {
        line.append("{\"time\":\"")
        record.time.appendISO8601(to: &line)
        line.append("\",\"client\":\"")
        record.client.appendHost(to: &line)
        line.append("\",\"site\":")
        appendText(of: record.site, to: &line)
    }

    /// How much, how long, and by which way.
    static func appendVolume(_ record: AccessRecord, to line: inout ByteQueue) {
        line.append(",\"bytes_in\":")
        line.append(decimal: record.bytesIn)
        line.append(",\"bytes_out\":")
        line.append(decimal: record.bytesOut)
        line.append(",\"duration_ms\":")
        appendMilliseconds(record.duration, to: &line)
        appendOrigin(record, to: &line)
    }

    /// TLS, the server, and who failed; what does not apply is left out.
    private static func appendOrigin(_ record: AccessRecord, to line: inout ByteQueue) {
        if record.tlsVersion != 0 {
            line.append(
                record.tlsVersion == 0x0304
                    ? ",\"tls_version\":\"TLSv1.3\"" : ",\"tls_version\":\"TLSv1.2\"")
            line.append(record.isResumed ? ",\"tls_resumed\":true" : ",\"tls_resumed\":false")
        }
        if !record.server.isEmpty {
            line.append(",\"backend\":")
            appendText(record.backend.bytes, to: &line)
            line.append(",\"server\":")
            appendText(record.server.bytes, to: &line)
        }
        if let connect = record.upstreamConnect {
            line.append(",\"upstream_connect_ms\":")
            appendMilliseconds(connect, to: &line)
        }
        if let firstByte = record.upstreamFirstByte {
            line.append(",\"upstream_first_byte_ms\":")
            appendMilliseconds(firstByte, to: &line)
        }
        if record.fault != .none {
            line.append(",\"fault\":\"")
            line.append(record.fault.label)
            line.append("\",\"reason\":\"")
            line.append(record.reason)
            line.append("\"")
        }
    }

    /// What the route's rules have found or made; what does not apply is left out.
    private static func appendRules(_ record: AccessRecord, to line: inout ByteQueue) {
        if record.rule.utf8CodeUnitCount > 0 {
            line.append(",\"rule\":\"")
            line.append(record.rule)
            line.append("\"")
        }
        appendMember(",\"user\":", record.user, to: &line)
        appendMember(",\"request_id\":", record.requestID, to: &line)
    }

    /// A text with its name, unless it is empty.
    private static func appendMember(
        _ name: StaticString, _ text: borrowing ByteQueue, to line: inout ByteQueue
    ) {
        guard !text.isEmpty else { return }
        line.append(name)
        appendText(of: text, to: &line)
    }

    private static func appendText(of text: borrowing ByteQueue, to line: inout ByteQueue) {
        appendText(text.bytes, to: &line)
    }

    private static func appendCombined(_ record: AccessRecord, to line: inout ByteQueue) {
        record.client.appendHost(to: &line)
        line.append(" - ")
        appendUser(record.user, to: &line)
        line.append(" [")
        record.time.appendCommonLog(to: &line)
        line.append("] \"")
        if record.method.isEmpty {
            line.append("-")
        } else {
            appendQuoted(record.method.bytes, to: &line)
            line.append(" ")
            appendQuoted(record.target.bytes, to: &line)
            line.append(" ")
            line.append(record.version.label)
        }
        line.append("\" ")
        line.append(decimal: record.status)
        line.append(" ")
        line.append(decimal: record.bytesOut)
        line.append(" \"")
        appendQuotedOrDash(record.referer, to: &line)
        line.append("\" \"")
        appendQuotedOrDash(record.userAgent, to: &line)
        line.append("\"\n")
    }

    /// A space would end the name, and the next part would be taken for another.
    private static func appendUser(_ user: borrowing ByteQueue, to line: inout ByteQueue) {
        if user.isEmpty { line.append("-") }
        for index in 0..<min(user.count, longestValue) {
            let byte = user.bytes[index]
            if byte == 0x20 || !plain.contains(byte) {
                appendEscape("\\x", byte, to: &line)
            } else {
                line.append(byte)
            }
        }
    }

    /// Milliseconds with three digits behind the point.
    static func appendMilliseconds(_ duration: Duration, to line: inout ByteQueue) {
        let microseconds = max(0, Int(duration.wholeNanoseconds / 1000))
        line.append(decimal: microseconds / 1000)
        line.append(".")
        let rest = microseconds % 1000
        if rest < 100 { line.append("0") }
        if rest < 10 { line.append("0") }
        line.append(decimal: rest)
    }

    /// A JSON string (RFC 8259 §7); bytes that are not ASCII are written as the Latin-1 characters
    /// of their value, so that the line is valid whatever a client sends.
    static func appendText(_ bytes: Span<UInt8>, to line: inout ByteQueue) {
        line.append("\"")
        appendBounded(bytes, to: &line) { byte, line in
            switch byte {
            case UInt8(ascii: "\""): line.append("\\\"")
            case UInt8(ascii: "\\"): line.append("\\\\")
            default: appendEscape("\\u00", byte, to: &line)
            }
        }
        line.append("\"")
    }

    private static func appendQuotedOrDash(_ text: borrowing ByteQueue, to line: inout ByteQueue) {
        if text.isEmpty { line.append("-") }
        appendQuoted(text.bytes, to: &line)
    }

    /// As nginx escapes: quotes, backslashes and everything outside visible ASCII as `\xHH`.
    private static func appendQuoted(_ bytes: Span<UInt8>, to line: inout ByteQueue) {
        appendBounded(bytes, to: &line) { byte, line in appendEscape("\\x", byte, to: &line) }
    }

    /// Appends runs of plain bytes, and with `escape` the others; a value that is too long is cut
    /// and ends with three dots.
    private static func appendBounded(
        _ bytes: Span<UInt8>, to line: inout ByteQueue,
        _ escape: (UInt8, inout ByteQueue) -> Void
    ) {
        let end = min(bytes.count, longestValue)
        var start = 0
        for index in 0..<end where !plain.contains(bytes[index]) {
            line.append(bytes.extracting(start..<index))
            escape(bytes[index], &line)
            start = index + 1
        }
        line.append(bytes.extracting(start..<end))
        if bytes.count > longestValue { line.append("...") }
    }

    private static func appendEscape(
        _ prefix: StaticString, _ byte: UInt8, to line: inout ByteQueue
    ) {
        line.append(prefix)
        if byte < 16 { line.append("0") }
        line.append(hexadecimal: UInt64(byte))
    }

    /// Visible ASCII and space, without what ends or escapes within quotes.
    private static let plain = ByteSet(
        (UInt8(0x20)..<0x7f).filter { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") })

    /// How many bytes of a value are logged: a head may hold far more, and each byte may take six
    /// in the line, so that a client could fill disks and crowd out the lines of others.
    static let longestValue = 4096
}

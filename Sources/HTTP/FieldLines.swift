internal import Bytes

/// What requests and responses have in common: the lines of fields, and the version.
enum FieldLines {
    /// Reads lines of fields, each with CR and LF as the scanner has found them; returns what is
    /// wrong with them.
    static func read(
        _ bytes: Span<UInt8>, into fields: inout FieldBlock, limits: MessageLimits
    ) -> HTTPFault? {
        var start = 0
        while start < bytes.count {
            if fields.count >= limits.fieldCount { return .tooManyFields }
            if let count = fields.appendFirstLine(bytes.extracting(start...)) {
                start += count
                continue
            }
            guard let lineFeed = bytes.firstIndex(of: 0x0a, from: start) else { return nil }
            let line = bytes.extracting(start..<(lineFeed - 1))
            if let fault = fields.appendLine(line) { return FieldLines.cause(of: fault, in: line) }
            start = lineFeed + 1
        }
        return nil
    }

    /// Neither a name nor a value may have CR, so a good line need not be searched for it; of a bad
    /// one it is the cause.
    static func cause(of fault: HTTPFault, in line: Span<UInt8>) -> HTTPFault {
        line.firstIndex(of: 0x0d) == nil ? fault : .bareLineEnd
    }

    /// `HTTP/1.1` or `HTTP/1.0`, in exactly this spelling (RFC 9112 §2.3).
    static func version(_ text: Span<UInt8>) -> Result<HTTPVersion, HTTPFault> {
        if text.equals("HTTP/1.1") { return .success(.http11) }
        if text.equals("HTTP/1.0") { return .success(.http10) }
        let isOther =
            text.count == 8 && text.extracting(0..<5).equals("HTTP/")
            && ByteSet.digits.contains(text[5])
            && text[6] == UInt8(ascii: ".") && ByteSet.digits.contains(text[7])
        return .failure(isOther ? .unsupportedVersion : .badStartLine)
    }
}

internal import Bytes

/// What requests and responses have in common: the lines of fields, and the version.
enum FieldLines {
    /// Reads lines of fields, the last without its line end; returns what is wrong with them.
    static func read(
        _ bytes: Span<UInt8>, into fields: inout FieldBlock, limits: MessageLimits
    ) -> HTTPFault? {
        var start = 0
        while start < bytes.count {
            let lineFeed = bytes.firstIndex(of: 0x0a, from: start)
            // The scanner has seen to it that CR stands before each LF; the last line's pair is cut to its CR and LF.
            let end = lineFeed.map { $0 - 1 } ?? bytes.count
            if end > start {
                if fields.count >= limits.fieldCount { return .tooManyFields }
                let line = bytes.extracting(start..<end)
                if line.firstIndex(of: 0x0d) != nil { return .bareLineEnd }
                if let fault = fields.appendLine(line) { return fault }
            }
            start = (lineFeed ?? bytes.count) + 1
        }
        return nil
    }

    /// `HTTP/1.1` or `HTTP/1.0`, in exactly this spelling (RFC 9112 §2.3).
    static func version(_ text: Span<UInt8>) -> Result<HTTPVersion, HTTPFault> {
        if text.equals("HTTP/1.1") { return .success(.http11) }
        if text.equals("HTTP/1.0") { return .success(.http10) }
        let isOther =
            text.count == 8 && text.extracting(0..<5).equals("HTTP/") && ByteSet.digits.contains(text[5])
            && text[6] == UInt8(ascii: ".") && ByteSet.digits.contains(text[7])
        return .failure(isOther ? .unsupportedVersion : .badStartLine)
    }
}

internal import Bytes

/// What the fields of a message say about its framing and its connection.
struct FieldRules {
    /// The body's length, if a field says it.
    var contentLength: Int64?
    /// True exactly when the body comes in chunks.
    var isChunked = false
    /// The options of `Connection` (RFC 9110 §7.6.1).
    var closes = false
    var keepsAlive = false
    var upgrades = false

    /// Reads the framing (RFC 9112 §6.3): what could be understood in two ways is refused.
    ///
    /// A length is passed on without leading zeros, since some recipients take them for octal.
    mutating func readFraming(_ fields: inout FieldBlock, version: HTTPVersion) -> HTTPFault? {
        if fields.contains(.transferEncoding) {
            if version == .http10 { return .transferEncodingInHTTP10 }
            guard fields.count(of: .transferEncoding) == 1,
                let index = fields.first(.transferEncoding),
                fields.value(index).equalsIgnoringCase("chunked")
            else { return .badTransferEncoding }
            if fields.contains(.contentLength) { return .conflictingFraming }
            isChunked = true
            return nil
        }
        guard let index = fields.first(.contentLength) else { return nil }
        if fields.count(of: .contentLength) > 1 { return .repeatedContentLength }
        contentLength = FieldRules.decimal(fields.value(index))
        guard contentLength != nil else { return .badContentLength }
        fields.dropLeadingZeros(index)
        return nil
    }

    /// Reads `Connection` and marks the fields that it names.
    ///
    /// Each name is looked for among all fields, so names are limited like fields: a head full of
    /// names would take millions of steps otherwise.
    mutating func readConnection(_ fields: inout FieldBlock, limits: MessageLimits) -> HTTPFault? {
        guard fields.contains(.connection) else { return nil }
        var named = 0
        for index in 0..<fields.count where fields.id(index) == .connection {
            var list = ListCursor()
            while let token = list.next(in: fields.value(index)) {
                if readOption(fields.value(index).extracting(token)) { continue }
                guard fields.value(index).extracting(token).isToken else { return .badConnection }
                if named >= min(limits.fieldCount, FieldRules.namesLimit) { return .tooManyFields }
                named += 1
                fields.markHopByHop(namedIn: index, token)
            }
        }
        return nil
    }

    private mutating func readOption(_ token: Span<UInt8>) -> Bool {
        if token.equalsIgnoringCase("close") {
            closes = true
        } else if token.equalsIgnoringCase("keep-alive") {
            keepsAlive = true
        } else if token.equalsIgnoringCase("upgrade") {
            upgrades = true
        } else {
            return token.isEmpty
        }
        return true
    }

    /// Reads `Upgrade`: `protocol-name ["/" protocol-version]`, perhaps several (RFC 9110 §7.8).
    static func readUpgrade(_ fields: borrowing FieldBlock) -> HTTPFault? {
        guard fields.contains(.upgrade) else { return nil }
        for index in 0..<fields.count where fields.id(index) == .upgrade {
            var list = ListCursor()
            while let element = list.next(in: fields.value(index)) {
                let name = fields.value(index).extracting(element)
                guard name.isEmpty || isProtocol(name) else { return .badUpgrade }
            }
        }
        return nil
    }

    private static func isProtocol(_ text: Span<UInt8>) -> Bool {
        guard let slash = text.firstIndex(of: UInt8(ascii: "/")) else { return text.isToken }
        return text.extracting(0..<slash).isToken && text.extracting((slash + 1)...).isToken
    }

    /// A number of at most 18 digits and nothing else.
    static func decimal(_ text: Span<UInt8>) -> Int64? {
        guard !text.isEmpty, text.count <= 18 else { return nil }
        let digits = ByteSet.digits
        var value: Int64 = 0
        for index in text.indices {
            guard digits.contains(text[index]) else { return nil }
            value = value * 10 + Int64(text[index] - 0x30)
        }
        return value
    }

    /// How many names `Connection` may have, however many fields there may be.
    private static let namesLimit = 100
}

extension Span<UInt8> {
    /// True exactly when this is a token (RFC 9110 §5.6.2).
    var isToken: Bool {
        !isEmpty && prefixCount(in: .tokenCharacters) == count
    }
}

/// Walks the elements of a comma-separated list (RFC 9110 §5.6.1).
struct ListCursor {
    private var position = 0

    /// The next element without the white space around it, perhaps empty; nil at the end.
    mutating func next(in list: Span<UInt8>) -> Range<Int>? {
        guard position < list.count else { return nil }
        var low = position
        var high = list.firstIndex(of: UInt8(ascii: ","), from: position) ?? list.count
        position = high + 1
        while low < high, list[low] == 0x20 || list[low] == 0x09 { low += 1 }
        while high > low, list[high - 1] == 0x20 || list[high - 1] == 0x09 { high -= 1 }
        return low..<high
    }
}

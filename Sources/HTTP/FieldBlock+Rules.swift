internal import Bytes

/// What an operator's rules do to the fields of a message on its way.
extension FieldBlock {
    /// Leaves out every field of this name; `X_User` too where the name is `X-User`, since backends
    /// that put fields into variables take the one for the other (RFC 3875 §4.1.18).
    public mutating func remove(named name: Span<UInt8>) {
        let id = FieldName(name)
        if id != .other { ruled.insert(id) }
        for index in 0..<count where FieldBlock.isSame(self.name(index), name) { leaveOut(index) }
    }

    /// Adds a field in an operator's name: it passes, whatever is done about a client's of that
    /// name. What is made of variables may begin or end with white space, which no value may
    /// (RFC 9110 §5.5, RFC 9113 §8.2.1): it is left out.
    public mutating func addRuled(name: Span<UInt8>, value: Span<UInt8>) {
        let id = FieldName(name)
        if id != .other { ruled.insert(id) }
        var start = 0
        var end = value.count
        while start < end, FieldBlock.isSpace(value[start]) { start += 1 }
        while end > start, FieldBlock.isSpace(value[end - 1]) { end -= 1 }
        appendPlain(name: name, value: value.extracting(start..<end))
    }

    /// True exactly when a rule has said what becomes of the field: then it is not ours to say.
    public func isRuled(_ name: FieldName) -> Bool { ruled.contains(name) }

    private static func isSame(_ one: Span<UInt8>, _ other: Span<UInt8>) -> Bool {
        guard one.count == other.count else { return false }
        for index in one.indices where folded(one[index]) != folded(other[index]) { return false }
        return true
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private static func folded(_ byte: UInt8) -> UInt8 {
        byte == UInt8(ascii: "_") ? UInt8(ascii: "-") : byte.asciiLowercased
    }
}

extension Span where Element == UInt8 {
    /// True exactly when these bytes equal `literal`, ASCII letters compared without case.
    ///
    /// - Parameter literal: lower-case ASCII.
    public func equalsIgnoringCase(_ literal: StaticString) -> Bool {
        guard count == literal.utf8CodeUnitCount else { return false }
        // SAFETY: owner: the program's constant data; lifetime: static; bound: `utf8CodeUnitCount`,
        // equal to `count`.
        return literal.withUTF8Buffer { expected in
            for index in indices where unsafe self[index].asciiLowercased != expected[index] {
                return false
            }
            return true
        }
    }

    /// True exactly when these bytes, with each `byte` read as `other`, equal `literal`, ASCII
    /// letters compared without case.
    ///
    /// - Parameter literal: lower-case ASCII.
    public func equalsIgnoringCase(
        _ literal: StaticString, reading byte: UInt8, as other: UInt8
    ) -> Bool {
        guard count == literal.utf8CodeUnitCount else { return false }
        // SAFETY: as above.
        return literal.withUTF8Buffer { expected in
            for index in indices {
                let given = self[index] == byte ? other : self[index].asciiLowercased
                if unsafe given != expected[index] { return false }
            }
            return true
        }
    }

    /// True exactly when these bytes equal `literal`.
    public func equals(_ literal: StaticString) -> Bool {
        guard count == literal.utf8CodeUnitCount else { return false }
        // SAFETY: as above.
        return literal.withUTF8Buffer { expected in
            for index in indices where unsafe self[index] != expected[index] { return false }
            return true
        }
    }

    /// True exactly when these bytes equal `other`.
    public func equals(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in indices where self[index] != other[index] { return false }
        return true
    }

    /// True exactly when these bytes equal `other`, ASCII letters compared without case.
    public func equalsIgnoringCase(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in indices where self[index].asciiLowercased != other[index].asciiLowercased {
            return false
        }
        return true
    }

    /// The index of the first `byte` at or after `start`, or nil; looks at eight bytes at a time.
    public func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
        let pattern = ones &* UInt64(byte)
        // SAFETY: owner: whoever lends the span; bound: each look is at eight bytes before `count`,
        // or at one.
        return unsafe withUnsafeBytes { bytes in
            var index = start
            while index <= bytes.count &- 8 {
                let word = unsafe bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                let found = zeroes(UInt64(littleEndian: word) ^ pattern)
                if found != 0 { return index &+ found.trailingZeroBitCount / 8 }
                index &+= 8
            }
            while index < bytes.count {
                if unsafe bytes[index] == byte { return index }
                index &+= 1
            }
            return nil
        }
    }

    /// True exactly when there is a control character (RFC 5234 §B.1) other than a tab; looks at
    /// eight bytes at a time.
    public var hasControl: Bool {
        // SAFETY: as above.
        unsafe withUnsafeBytes { bytes in
            var index = 0
            while index <= bytes.count &- 8 {
                let word = unsafe bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                let isSuspect = (word &- ones &* 0x20) & ~word & highs != 0
                if isSuspect || zeroes(word ^ ones &* 0x7f) != 0 {
                    for place in index..<(index &+ 8) where unsafe isControl(bytes[place]) {
                        return true
                    }
                }
                index &+= 8
            }
            while index < bytes.count {
                if unsafe isControl(bytes[index]) { return true }
                index &+= 1
            }
            return false
        }
    }

    private func isControl(_ byte: UInt8) -> Bool {
        byte < 0x20 ? byte != 0x09 : byte == 0x7f
    }
}

/// The high bit of each of eight bytes that is zero; above the lowest of them, perhaps of others.
private func zeroes(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & highs }

/// One in each of eight bytes.
private let ones: UInt64 = 0x0101_0101_0101_0101
/// The high bit of each of eight bytes.
private let highs: UInt64 = 0x8080_8080_8080_8080

extension String {
    /// Copies `bytes` as UTF-8; what is not UTF-8 becomes U+FFFD.
    public init(copying bytes: Span<UInt8>) {
        var copy: [UInt8] = []
        copy.reserveCapacity(bytes.count)
        for index in bytes.indices { copy.append(bytes[index]) }
        self = String(decoding: copy, as: UTF8.self)
    }
}

extension Array where Element == UInt8 {
    /// Copies `bytes`.
    public init(copying bytes: Span<UInt8>) {
        self = []
        reserveCapacity(bytes.count)
        for index in bytes.indices { append(bytes[index]) }
    }
}

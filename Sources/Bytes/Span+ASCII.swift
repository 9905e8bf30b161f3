extension Span where Element == UInt8 {
    /// True exactly when these bytes equal `literal`, ASCII letters compared without case.
    ///
    /// - Parameter literal: lower-case ASCII.
    public func equalsIgnoringCase(_ literal: StaticString) -> Bool {
        guard count == literal.utf8CodeUnitCount else { return false }
        // SAFETY: owner: the program's constant data; lifetime: static; bound: `utf8CodeUnitCount`,
        // equal to `count`.
        return literal.withUTF8Buffer { expected in
            unsafe withUnsafeBytes { unsafe isAlike($0, UnsafeRawBufferPointer(expected)) }
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
        // SAFETY: as in the function above.
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
        // SAFETY: owner: whoever lends the spans; bound: `count` of both.
        return unsafe withUnsafeBytes { bytes in
            unsafe other.withUnsafeBytes { unsafe isAlike(bytes, $0) }
        }
    }

    /// A number that bytes have in common which are equal without the case of ASCII letters; no
    /// secret is in it, so it is for bytes of which a peer does not choose many.
    public var hashIgnoringCase: UInt64 {
        // SAFETY: as in `firstIndex`.
        unsafe withUnsafeBytes { bytes in
            var hash = UInt64(bytes.count)
            var index = 0
            while index <= bytes.count &- 8 {
                let word = unsafe bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                hash = mixed(hash ^ lowercased(word))
                index &+= 8
            }
            var rest: UInt64 = 0
            while index < bytes.count {
                rest = rest &<< 8 | UInt64(unsafe bytes[index].asciiLowercased)
                index &+= 1
            }
            return mixed(hash ^ rest)
        }
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

    /// The index of the first byte that is not in a set; the count where all are.
    public func firstIndex(outside set: ByteSet) -> Int {
        // A copy that stands still, of which a look takes one word.
        let words = set.words
        let table = words.span
        // SAFETY: as above; bound: `count`.
        return unsafe withUnsafeBytes { bytes in
            var index = 0
            while index < bytes.count {
                let byte = unsafe bytes[index]
                if table[Int(byte &>> 6)] &>> UInt64(byte) & 1 == 0 { break }
                index &+= 1
            }
            return index
        }
    }

    /// True exactly when there is a control character (RFC 5234 §B.1) other than a tab; looks at
    /// eight bytes at a time.
    public var hasControl: Bool {
        // SAFETY: as above.
        unsafe withUnsafeBytes { bytes in
            guard bytes.count >= 8 else { return unsafe bytes.contains { isControl($0) } }
            var index = 0
            // The last look is at the last eight bytes, some of which the one before may have seen.
            while true {
                let word = unsafe bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                let isSuspect = (word &- ones &* 0x20) & ~word & highs != 0
                if isSuspect || zeroes(word ^ ones &* 0x7f) != 0 {
                    for place in index..<(index &+ 8) where unsafe isControl(bytes[place]) {
                        return true
                    }
                }
                if index == bytes.count &- 8 { return false }
                index = min(index &+ 8, bytes.count &- 8)
            }
        }
    }

    private func isControl(_ byte: UInt8) -> Bool {
        byte < 0x20 ? byte != 0x09 : byte == 0x7f
    }
}

/// True exactly when as many bytes are equal, ASCII letters compared without case; looks at eight
/// bytes at a time.
// SAFETY: both live during the call; bound: the count, which they have in common.
private func isAlike(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    let count = left.count
    guard count >= 8 else { return unsafe isShortAlike(left, right) }
    var index = 0
    // The last look is at the last eight bytes, some of which the one before may have seen.
    while true {
        let word = unsafe left.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        let other = unsafe right.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        if word != other, lowercased(word) != lowercased(other) { return false }
        if index == count &- 8 { return true }
        index = min(index &+ 8, count &- 8)
    }
}

/// The same of fewer than eight.
// SAFETY: as above.
private func isShortAlike(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    let count = left.count
    guard count >= 4 else {
        for index in 0..<count
        where unsafe left[index].asciiLowercased != right[index].asciiLowercased {
            return false
        }
        return true
    }
    return unsafe lowercased(ends(left)) == lowercased(ends(right))
}

/// The first four bytes and the last four, which may be some of the same.
// SAFETY: the caller has at least four.
private func ends(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    let first = unsafe bytes.loadUnaligned(as: UInt32.self)
    let last = unsafe bytes.loadUnaligned(fromByteOffset: bytes.count &- 4, as: UInt32.self)
    return UInt64(first) | UInt64(last) &<< 32
}

/// Eight bytes with ASCII capitals made small.
private func lowercased(_ word: UInt64) -> UInt64 {
    let plain = word & ~highs
    // In the high bit of each: whether it is at least `A`, and whether it is beyond `Z`.
    let fromA = plain &+ ones &* (0x80 - 0x41)
    let beyondZ = plain &+ ones &* (0x80 - 0x5b)
    return word | (fromA & ~beyondZ & ~word & highs) &>> 2
}

/// Spreads what is in a word over all of its bits.
private func mixed(_ word: UInt64) -> UInt64 {
    let product = word &* 0x9e37_79b9_7f4a_7c15
    return product ^ product &>> 29
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
        // SAFETY: lifetime: the bytes are lent for the call, and copied; bound: their count.
        self = unsafe bytes.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }
}

extension Array where Element == UInt8 {
    /// Copies `bytes`.
    public init(copying bytes: Span<UInt8>) {
        // SAFETY: as above.
        self = unsafe bytes.withUnsafeBytes { unsafe Array($0) }
    }
}

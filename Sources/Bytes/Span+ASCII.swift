extension Span where Element == UInt8 {
    /// True exactly when these bytes equal `literal`, ASCII letters compared without case.
    ///
    /// - Parameter literal: lower-case ASCII.
    public func equalsIgnoringCase(_ literal: StaticString) -> Bool {
        guard count == literal.utf8CodeUnitCount else { return false }
        // SAFETY: owner: the program's constant data; lifetime: static; bound: `utf8CodeUnitCount`,
        // equal to `count`.
        return literal.withUTF8Buffer { expected in
            unsafe withUnsafeBytes {
                unsafe areSame($0, UnsafeRawBufferPointer(expected), ignoringCase: true)
            }
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
            unsafe withUnsafeBytes {
                unsafe areSame($0, UnsafeRawBufferPointer(expected), ignoringCase: false)
            }
        }
    }

    /// True exactly when these bytes equal `other`.
    public func equals(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        // SAFETY: owner: whoever lends the spans; bound: both have `count` bytes.
        return unsafe withUnsafeBytes { given in
            unsafe other.withUnsafeBytes { unsafe areSame(given, $0, ignoringCase: false) }
        }
    }

    /// True exactly when these bytes equal `other`, ASCII letters compared without case.
    public func equalsIgnoringCase(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        // SAFETY: owner: whoever lends the spans; bound: both have `count` bytes.
        return unsafe withUnsafeBytes { given in
            unsafe other.withUnsafeBytes { unsafe areSame(given, $0, ignoringCase: true) }
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

    /// True exactly when there is a control character (RFC 5234 §B.1) other than a tab.
    public var hasControl: Bool { firstControl() != nil }

    /// The index of the first control character (RFC 5234 §B.1) other than a tab, at or after
    /// `start`, or nil; looks at eight bytes at a time.
    public func firstControl(from start: Int = 0) -> Int? {
        // SAFETY: as above.
        unsafe withUnsafeBytes { bytes in
            var index = start
            while index <= bytes.count &- 8 {
                let word = unsafe bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                let found = controls(UInt64(littleEndian: word))
                if found == 0 {
                    index &+= 8
                    continue
                }
                index &+= found.trailingZeroBitCount / 8
                if unsafe bytes[index] != 0x09 { return index }
                index &+= 1
            }
            if index < bytes.count, bytes.count >= 8 {
                let last = bytes.count &- 8
                let word = unsafe bytes.loadUnaligned(fromByteOffset: last, as: UInt64.self)
                if controls(word) == 0 { return nil }
            }
            while index < bytes.count {
                let byte = unsafe bytes[index]
                if byte < 0x20 ? byte != 0x09 : byte == 0x7f { return index }
                index &+= 1
            }
            return nil
        }
    }

    /// How many bytes at the begin are in a set.
    public func prefixCount(in set: ByteSet) -> Int {
        // SAFETY: as above; a set has four words, one for each value of a byte's first two bits.
        unsafe withUnsafeBytes { bytes in
            unsafe Swift.withUnsafeBytes(of: set) { words in
                var index = 0
                while index < bytes.count {
                    let byte = unsafe bytes[index]
                    let word = unsafe words.load(
                        fromByteOffset: Int(byte >> 6) &* 8, as: UInt64.self)
                    guard word &>> UInt64(byte) & 1 == 1 else { break }
                    index &+= 1
                }
                return index
            }
        }
    }

    /// A number that is the same for names that are equal but for the case of ASCII letters; who
    /// knows how it is made can find names that have it in common.
    public var caselessHash: UInt64 {
        // SAFETY: as above.
        unsafe withUnsafeBytes { bytes in
            var hash = UInt64(bytes.count)
            var index = 0
            while index < bytes.count {
                let start = Swift.min(index, bytes.count &- 8)
                let word =
                    start < 0
                    ? unsafe shortWord(bytes)
                    : unsafe bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self)
                // Both halves: the lower one alone would not know of the word's upper bits.
                let product = (hash ^ lowercased(word))
                    .multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
                hash = product.low ^ product.high
                index &+= 8
            }
            return hash
        }
    }
}

/// The high bit of each of eight bytes that is zero; above the lowest of them, perhaps of others.
private func zeroes(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & highs }

/// The high bit of each of eight bytes that is a control character or a tab; above the lowest of
/// them, perhaps of others.
private func controls(_ word: UInt64) -> UInt64 {
    (word &- ones &* 0x20) & ~word & highs | zeroes(word ^ ones &* 0x7f)
}

/// True exactly when as many bytes are the same, `ignoringCase` of ASCII letters; looks at eight
/// bytes at a time.
// SAFETY: the caller lends both for the call, and `other` is as long as `one`.
@inline(__always)
private func areSame(
    _ one: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer, ignoringCase: Bool
) -> Bool {
    func isSame(_ word: UInt64, _ expected: UInt64) -> Bool {
        word == expected || ignoringCase && lowercased(word) == lowercased(expected)
    }
    let count = one.count
    guard count >= 8 else { return unsafe isSame(shortWord(one), shortWord(other)) }
    var index = 0
    while index < count {
        let start = min(index, count &- 8)
        let word = unsafe one.loadUnaligned(fromByteOffset: start, as: UInt64.self)
        let expected = unsafe other.loadUnaligned(fromByteOffset: start, as: UInt64.self)
        guard isSame(word, expected) else { return false }
        index &+= 8
    }
    return true
}

/// Fewer than eight bytes as one word, which no other ones of the same number are.
// SAFETY: the caller lends them for the call; bound: each load ends at `count` or before.
private func shortWord(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    let count = bytes.count
    if count >= 4 {
        let first = unsafe bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self)
        let last = unsafe bytes.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
        return UInt64(first) << 32 | UInt64(last)
    }
    var word: UInt64 = 0
    for index in 0..<count { word = unsafe word << 8 | UInt64(bytes[index]) }
    return word
}

/// Eight bytes with ASCII upper-case letters made lower-case.
func lowercased(_ word: UInt64) -> UInt64 {
    let lower = word & ~highs
    // In each byte the high bit: from `A` on, and behind `Z`.
    let fromA = lower &+ ones &* (0x80 - 0x41)
    let behindZ = lower &+ ones &* (0x80 - 0x5b)
    return word | (fromA & ~behindZ & ~word & highs) >> 2
}

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

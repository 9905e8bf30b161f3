/// A set of byte values as a bitmap of 256 bits: membership is one shift and one mask.
///
/// A loop over bytes takes the set into a variable first: the constants below are made when they
/// are first asked for, and each look at them asks whether they are.
@frozen public struct ByteSet: Sendable {
    @usableFromInline let words: InlineArray<4, UInt64>

    /// Makes the set of the given byte values.
    public init(_ bytes: some Sequence<UInt8>) {
        var words = InlineArray<4, UInt64>(repeating: 0)
        for byte in bytes { words[Int(byte &>> 6)] |= 1 &<< UInt64(byte) }
        self.words = words
    }

    /// True exactly when `byte` is in the set.
    @inlinable public func contains(_ byte: UInt8) -> Bool {
        // Of the byte, the lower six bits say how far.
        words[Int(byte &>> 6)] &>> UInt64(byte) & 1 == 1
    }

    /// ALPHA and DIGIT of RFC 5234 §B.1.
    public static let alphanumerics = ByteSet(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)

    /// `tchar` of RFC 9110 §5.6.2: what methods and field names are made of.
    public static let tokenCharacters = ByteSet(
        "!#$%&'*+-.^_`|~abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)

    /// `tchar` without upper-case letters: what field names of HTTP/2 are made of.
    public static let lowercaseTokenCharacters = ByteSet(
        "!#$%&'*+-.^_`|~abcdefghijklmnopqrstuvwxyz0123456789".utf8)

    /// What a field value may contain: visible characters, space, tab and bytes above 127 (RFC 9110
    /// §5.5).
    public static let fieldValueCharacters = ByteSet(
        [9] + Array(UInt8(0x20)...0x7e) + Array(UInt8(0x80)...0xff))

    /// DIGIT of RFC 5234 §B.1.
    public static let digits = ByteSet("0123456789".utf8)
}

extension UInt8 {
    /// This byte with ASCII upper-case letters made lower-case.
    @inlinable public var asciiLowercased: UInt8 {
        self &- 0x41 < 26 ? self | 0x20 : self
    }

    /// The value of an ASCII hexadecimal digit, or nil.
    @inlinable public var hexadecimalValue: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x41 + 10
        case 0x61...0x66: self - 0x61 + 10
        default: nil
        }
    }
}

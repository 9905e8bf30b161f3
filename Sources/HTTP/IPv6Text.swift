internal import Bytes

/// The text of IPv6 addresses (RFC 3986 §3.2.2): eight groups, `::` for one or more of them, an
/// IPv4 address for two.
enum IPv6Text {
    /// True exactly when `text`, without brackets, is an address; zones are not (RFC 6874 §1).
    static func isAddress(_ text: Span<UInt8>) -> Bool {
        var groups = 0
        var index = 0
        var hasGap = false
        if text.count >= 2, text[0] == colon, text[1] == colon {
            hasGap = true
            index = 2
        }
        while index < text.count {
            let start = index
            while index < text.count, text[index].hexadecimalValue != nil { index += 1 }
            if index < text.count, text[index] == UInt8(ascii: ".") {
                guard isIPv4(text.extracting(start...)) else { return false }
                groups += 2
                break
            }
            guard (1...4).contains(index - start) else { return false }
            groups += 1
            if index == text.count { break }
            guard text[index] == colon, index + 1 < text.count else { return false }
            index += 1
            if text[index] == colon {
                guard !hasGap else { return false }
                hasGap = true
                index += 1
            }
        }
        return hasGap ? groups <= 7 : groups == 8
    }

    /// Four numbers to 255 without leading zeros, which some read as octal.
    private static func isIPv4(_ text: Span<UInt8>) -> Bool {
        var octets = 0
        var index = 0
        while octets < 4 {
            let start = index
            var value = 0
            while index < text.count, ByteSet.digits.contains(text[index]), index - start < 3 {
                value = value * 10 + Int(text[index] - 0x30)
                index += 1
            }
            guard index > start, value <= 255, index - start == 1 || text[start] != 0x30 else {
                return false
            }
            octets += 1
            if octets < 4 {
                guard index < text.count, text[index] == UInt8(ascii: ".") else { return false }
                index += 1
            }
        }
        return index == text.count
    }

    private static let colon = UInt8(ascii: ":")
}

internal import Bytes

/// One end of a connection as the PROXY protocol names it; numbers in host byte order.
public enum ProxyEndpoint: Hashable, Sendable {
    /// An IPv4 address and a port.
    case ipv4(UInt32, port: UInt16)
    /// The upper and lower half of an IPv6 address, and a port.
    case ipv6(UInt64, UInt64, port: UInt16)

    /// The port.
    var port: UInt16 {
        switch self {
        case .ipv4(_, let port), .ipv6(_, _, let port): port
        }
    }

    /// The halves of the address; an IPv4 address is mapped (RFC 4291 §2.5.5.2).
    var halves: (UInt64, UInt64) {
        switch self {
        case .ipv4(let bits, _): (0, 0xffff << 32 | UInt64(bits))
        case .ipv6(let upper, let lower, _): (upper, lower)
        }
    }

    /// Reads four numbers to 255 without leading zeros; nil for anything else.
    static func ipv4(_ text: Span<UInt8>) -> UInt32? {
        var bits: UInt32 = 0
        var index = 0
        for part in 0..<4 {
            if part > 0 {
                guard index < text.count, text[index] == UInt8(ascii: ".") else { return nil }
                index += 1
            }
            let end = text.firstIndex(of: UInt8(ascii: "."), from: index) ?? text.count
            guard let octet = number(text.extracting(index..<end), atMost: 255) else { return nil }
            bits = bits << 8 | UInt32(octet)
            index = end
        }
        return index == text.count ? bits : nil
    }

    /// Reads the text of an IPv6 address (RFC 4291 §2.2); nil for anything else.
    static func ipv6(_ text: Span<UInt8>) -> (UInt64, UInt64)? {
        guard IPv6Text.isAddress(text) else { return nil }
        // The form is right: what is left is to shift groups, those behind the gap to the end.
        var groups = IPv6Groups()
        var index = 0
        while index < text.count {
            if text[index] == UInt8(ascii: ":") {
                if index + 1 < text.count, text[index + 1] == UInt8(ascii: ":") {
                    groups.noteGap()
                    index += 1
                }
                index += 1
                continue
            }
            let end = text.firstIndex(of: UInt8(ascii: ":"), from: index) ?? text.count
            groups.append(text.extracting(index..<end))
            index = end
        }
        return groups.halves
    }

    /// Reads a decimal number without sign and leading zeros; nil beyond the limit.
    static func number(_ text: Span<UInt8>, atMost limit: Int) -> Int? {
        guard (1...5).contains(text.count), text.count == 1 || text[0] != UInt8(ascii: "0") else {
            return nil
        }
        var value = 0
        for index in text.indices {
            guard ByteSet.digits.contains(text[index]) else { return nil }
            value = value * 10 + Int(text[index] - UInt8(ascii: "0"))
        }
        return value <= limit ? value : nil
    }
}

/// The groups of an IPv6 address while its text is read.
private struct IPv6Groups {
    private var before: (UInt64, UInt64) = (0, 0)
    private var after: (UInt64, UInt64) = (0, 0)
    private var countBefore = 0
    private var hasGap = false

    mutating func noteGap() { hasGap = true }

    mutating func append(_ text: Span<UInt8>) {
        if let bits = ProxyEndpoint.ipv4(text) {
            shift(UInt64(bits >> 16))
            shift(UInt64(bits & 0xffff))
            return
        }
        var group: UInt64 = 0
        for index in text.indices {
            group = group << 4 | UInt64(text[index].hexadecimalValue ?? 0)
        }
        shift(group)
    }

    private mutating func shift(_ group: UInt64) {
        if hasGap {
            after = (after.0 << 16 | after.1 >> 48, after.1 << 16 | group)
        } else {
            before = (before.0 << 16 | before.1 >> 48, before.1 << 16 | group)
            countBefore += 1
        }
    }

    var halves: (UInt64, UInt64) {
        var (upper, lower) = before
        for _ in countBefore..<8 { (upper, lower) = (upper << 16 | lower >> 48, lower << 16) }
        return (upper | after.0, lower | after.1)
    }
}

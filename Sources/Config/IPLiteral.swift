/// An IP address as a number.
public enum IPLiteral: Sendable, Hashable {
    /// An IPv4 address in host order.
    case ipv4(UInt32)
    /// The upper and lower half of an IPv6 address in host order.
    case ipv6(UInt64, UInt64)

    /// Reads `192.0.2.1` or `2001:db8::1` (without brackets or a zone); nil where it is neither.
    public init?(_ text: some StringProtocol) {
        if let address = IPLiteral.ipv4Value(text) {
            self = .ipv4(address)
        } else if let halves = IPLiteral.ipv6Value(text) {
            self = .ipv6(halves.upper, halves.lower)
        } else {
            return nil
        }
    }

    /// How many bits an address of this family has.
    public var bitWidth: Int {
        switch self {
        case .ipv4: 32
        case .ipv6: 128
        }
    }
}

extension IPLiteral: CustomStringConvertible {
    /// The canonical spelling (RFC 5952 §4).
    public var description: String {
        switch self {
        case .ipv4(let address):
            [24, 16, 8, 0].map { String(UInt8(truncatingIfNeeded: address >> $0)) }
                .joined(separator: ".")
        case .ipv6(let upper, let lower):
            IPLiteral.spelling(of: IPLiteral.groups(upper) + IPLiteral.groups(lower))
        }
    }

    private static func groups(_ half: UInt64) -> [UInt16] {
        [48, 32, 16, 0].map { UInt16(truncatingIfNeeded: half >> $0) }
    }

    /// The longest run of at least two zero groups, the first of equals, becomes `::`.
    private static func spelling(of groups: [UInt16]) -> String {
        var best = 0..<0
        var start = 0
        for index in 0...groups.count where index == groups.count || groups[index] != 0 {
            if index - start > max(best.count, 1) { best = start..<index }
            start = index + 1
        }
        func spell(_ part: ArraySlice<UInt16>) -> String {
            part.map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard !best.isEmpty else { return spell(groups[...]) }
        return spell(groups[..<best.lowerBound]) + "::" + spell(groups[best.upperBound...])
    }
}

extension IPLiteral {
    /// Four decimal numbers without leading zeros, which some readers take for octal.
    private static func ipv4Value(_ text: some StringProtocol) -> UInt32? {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0"),
                let byte = decimal(part)
            else { return nil }
            address = address << 8 | UInt32(byte)
        }
        return address
    }

    private static func decimal(_ digits: some Sequence<UInt8>) -> UInt8? {
        var value = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return UInt8(exactly: value)
    }

    /// Groups of hexadecimal digits with at most one `::` (RFC 4291 §2.2).
    private static func ipv6Value(
        _ text: some StringProtocol
    ) -> (upper: UInt64, lower: UInt64)? {
        guard (2...45).contains(text.utf8.count) else { return nil }
        let halves = split(String(text))
        guard let front = groups(in: halves.front, mayEndInIPv4: halves.back == nil),
            let back = groups(in: halves.back ?? "", mayEndInIPv4: true)
        else { return nil }
        let missing = 8 - front.count - back.count
        guard halves.back == nil ? missing == 0 : missing >= 1 else { return nil }
        let all = front + Array(repeating: 0, count: missing) + back
        func join(_ part: ArraySlice<UInt16>) -> UInt64 { part.reduce(0) { $0 << 16 | UInt64($1) } }
        return (join(all[..<4]), join(all[4...]))
    }

    /// What stands before and after the first `::`.
    private static func split(_ text: String) -> (front: String, back: String?) {
        let bytes = Array(text.utf8)
        let colon = UInt8(ascii: ":")
        for index in bytes.indices.dropLast() where bytes[index] == colon {
            guard bytes[index + 1] == colon else { continue }
            let back = String(decoding: bytes[(index + 2)...], as: UTF8.self)
            return (String(decoding: bytes[..<index], as: UTF8.self), back)
        }
        return (text, nil)
    }

    private static func groups(in text: String, mayEndInIPv4: Bool) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if mayEndInIPv4, index == parts.count - 1, let address = ipv4Value(part) {
                groups.append(UInt16(truncatingIfNeeded: address >> 16))
                groups.append(UInt16(truncatingIfNeeded: address))
                continue
            }
            let isHexadecimal = part.utf8.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
            guard isHexadecimal, part.utf8.count <= 4, let group = UInt16(part, radix: 16) else {
                return nil
            }
            groups.append(group)
        }
        return groups.count <= 8 ? groups : nil
    }
}

/// The addresses that share a prefix: `10.0.0.0/8`, `2001:db8::/32`, or one address.
public struct AddressBlock: Sendable, Hashable {
    /// The first address of the block.
    public let address: IPLiteral

    /// How many leading bits all addresses of the block share.
    public let prefixLength: Int

    /// Makes a block; nil where the prefix is too long or bits behind the prefix are set.
    public init?(address: IPLiteral, prefixLength: Int) {
        guard (0...address.bitWidth).contains(prefixLength),
            AddressBlock.masked(address, to: prefixLength) == address
        else { return nil }
        self.address = address
        self.prefixLength = prefixLength
    }

    /// True exactly when `candidate` is of this block.
    public func contains(_ candidate: IPLiteral) -> Bool {
        AddressBlock.masked(candidate, to: prefixLength) == address
            && candidate.bitWidth == address.bitWidth
    }

    /// The block as one of IPv4 addresses where it has only such in their mapped form (RFC 4291
    /// §2.5.5.2).
    var unmapped: AddressBlock {
        guard case .ipv6(0, let lower) = address, lower >> 32 == 0xffff, prefixLength >= 96 else {
            return self
        }
        let bits = UInt32(truncatingIfNeeded: lower)
        return AddressBlock(address: .ipv4(bits), prefixLength: prefixLength - 96) ?? self
    }

    /// Clears the bits behind the first `length`; a shift by the whole width gives zero.
    static func masked(_ address: IPLiteral, to length: Int) -> IPLiteral {
        switch address {
        case .ipv4(let bits): .ipv4(bits & (UInt32.max << (32 - length)))
        case .ipv6(let upper, let lower):
            .ipv6(
                upper & (UInt64.max << max(64 - length, 0)),
                lower & (UInt64.max << (length <= 64 ? 64 : 128 - length)))
        }
    }
}

extension AddressBlock: CustomStringConvertible {
    /// The block as the operator would write it.
    public var description: String { "\(address)/\(prefixLength)" }
}

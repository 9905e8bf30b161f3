internal import Bytes

/// The checksum of version 2's header: CRC with Castagnoli's polynomial (RFC 9260 Appendix A).
struct CRC32C {
    private var state: UInt32 = 0xffff_ffff

    /// The checksum of the bytes so far.
    var value: UInt32 { ~state }

    /// Takes in more bytes.
    mutating func update(_ bytes: Span<UInt8>) {
        for index in bytes.indices { update(bytes[index]) }
    }

    /// Takes in one byte.
    mutating func update(_ byte: UInt8) {
        state = CRC32C.table[Int(UInt8(truncatingIfNeeded: state) ^ byte)] ^ state >> 8
    }

    private static let table: [UInt32] = (0..<256).map { index in
        var value = UInt32(index)
        for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82f6_3b78 : value >> 1 }
        return value
    }
}

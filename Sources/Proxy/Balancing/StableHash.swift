/// A hash that is the same in every worker, process and release, so that a key keeps its server.
///
/// FNV-1a, whose weak high bits a last mixing makes good. Whoever chooses keys can make them meet;
/// the bound on a server's load is what stands against that.
struct StableHash {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    /// Takes in one byte.
    mutating func add(_ byte: UInt8) {
        state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }

    /// Takes in bytes.
    mutating func add(_ bytes: Span<UInt8>) {
        for index in bytes.indices { add(bytes[index]) }
    }

    /// Takes in a number.
    mutating func add(_ number: UInt64) {
        for shift: UInt64 in stride(from: 0, to: 64, by: 8) {
            add(UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    /// The hash of all that was taken in.
    var value: UInt64 { StableHash.mix(state) }

    /// The hash of a text.
    static func of(_ text: String) -> UInt64 {
        var hash = StableHash()
        for byte in text.utf8 { hash.add(byte) }
        return hash.value
    }

    /// Spreads every bit over all others (the finalizer of SplitMix64).
    static func mix(_ number: UInt64) -> UInt64 {
        var bits = (number ^ number >> 30) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
        return bits ^ bits >> 31
    }
}

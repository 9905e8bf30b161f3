internal import Bytes

/// Ids that chance has chosen: xoshiro256**, seeded by the system, so that none costs a system
/// call. They tell requests apart and are no secrets.
struct IdentifierSource {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    /// Begins with a seed of the system's.
    init() {
        var system = SystemRandomNumberGenerator()
        // All zeros would stay so.
        self.init(seed: (system.next() | 1, system.next(), system.next(), system.next()))
    }

    /// Begins with a seed that is not all zeros.
    init(seed: (UInt64, UInt64, UInt64, UInt64)) { state = seed }

    /// 64 bits.
    mutating func next() -> UInt64 {
        let result = IdentifierSource.rotate(state.1 &* 5, 7) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = IdentifierSource.rotate(state.3, 45)
        return result
    }

    /// Writes so many words in lower-case hexadecimal, 16 digits each, not all of them zero.
    mutating func append(words: Int, to queue: inout ByteQueue) {
        var isZero = true
        for index in 0..<words {
            var word = next()
            if word != 0 { isZero = false }
            if index == words - 1, isZero { word = 1 }
            for shift in stride(from: UInt64(60), through: 0, by: -4) {
                let digit = UInt8(truncatingIfNeeded: word >> shift) & 0xf
                queue.append(
                    digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
    }

    private static func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 {
        word << count | word >> (64 - count)
    }
}

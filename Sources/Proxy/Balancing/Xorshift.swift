/// Random numbers for choices that nobody has to be kept from guessing: three shifts each, where
/// the system would be asked.
struct Xorshift {
    private var state: UInt64

    /// Begins at a place of its own for each seed.
    init(seed: UInt64) {
        state = StableHash.mix(seed &+ 0x9e37_79b9_7f4a_7c15) | 1
    }

    /// The next number.
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    /// A number below `limit`, which is above 0.
    mutating func below(_ limit: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(limit)).high)
    }
}

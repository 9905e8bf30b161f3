/// Buckets of tokens by key, in memory of a fixed size.
///
/// A key has four places where its bucket may stand. A bucket that is full again is worth nothing,
/// so only those stay that have lately been taken from; where all four are such, the one that is
/// full first makes room: the least debt is forgotten. A limit is never stricter than it says,
/// whatever keys there are.
struct RateTable {
    private struct Bucket {
        var key: UInt64
        /// When the tokens that were taken are paid for, in nanoseconds from the clock's begin.
        var paidAt: Int64
    }

    private var buckets: [Bucket]
    private let mask: Int

    /// Makes a table with `sets` times four buckets; a power of two.
    init(sets: Int) {
        precondition(sets > 0 && sets & (sets - 1) == 0, "the number of sets is a power of two")
        mask = sets - 1
        buckets = Array(
            repeating: Bucket(key: 0, paidAt: 0), count: sets * RateTable.bucketsPerSet)
    }

    /// Takes a token from the bucket of `key`.
    ///
    /// - Parameter key: spread evenly over all its bits.
    /// - Returns: how many nanoseconds to wait for the next one; zero exactly when one was taken.
    mutating func take(_ key: UInt64, _ rate: Rate, now: Int64) -> Int64 {
        let first = (Int(truncatingIfNeeded: key) & mask) * RateTable.bucketsPerSet
        var place = first
        for index in first..<(first + RateTable.bucketsPerSet) {
            if buckets[index].key == key {
                return rate.take(from: &buckets[index].paidAt, now: now)
            }
            if buckets[index].paidAt < buckets[place].paidAt { place = index }
        }
        buckets[place] = Bucket(key: key, paidAt: now)
        return rate.take(from: &buckets[place].paidAt, now: now)
    }

    /// In how many places a key's bucket may stand.
    static let bucketsPerSet = 4
}

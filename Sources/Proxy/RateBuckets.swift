internal import Platform
internal import Synchronization

/// The buckets of all client addresses and of all limits, for all workers together.
///
/// Shared, unlike all else that workers use while serving: the kernel spreads an address's
/// connections over the workers, so that each worker's part of a rate would stop a client with one
/// connection at a fraction of it. One lock of many is taken for a moment, and only where a limit
/// is on. The memory is one MiB, whoever comes.
public final class RateBuckets: Sendable {
    /// A part of the table, beside others so that workers seldom meet.
    private final class Shard: Sendable {
        let table = Mutex(RateTable(sets: RateBuckets.setsPerShard))
    }

    private let shards = (0..<RateBuckets.shardCount).map { _ in Shard() }

    /// Makes full buckets.
    public init() {}

    /// Takes a token of `client` from the bucket of one limit.
    ///
    /// - Returns: how long to wait for the next one; zero exactly when one was taken.
    func take(_ client: AddressKey, of limit: RateLimit, now: MonotonicTime) -> Duration {
        // Seeded for each process: nobody can choose addresses that share a place.
        var hasher = Hasher()
        hasher.combine(client)
        hasher.combine(limit.id)
        let key = UInt64(bitPattern: Int64(hasher.finalize()))
        let shard = shards[Int(truncatingIfNeeded: key >> 60)]
        let wait = shard.table.withLock { $0.take(key, limit.rate, now: now.nanoseconds) }
        return .nanoseconds(wait)
    }

    /// As many as four bits can name.
    static let shardCount = 16
    /// With four buckets of 16 bytes each, 64 KiB.
    static let setsPerShard = 1_024
}

internal import Platform
internal import TLS

/// Names and passwords that were found good lately, by a digest that only this process can make.
///
/// Worker only. What is kept is of no use to anybody else, and a hash that has changed makes
/// another digest: whoever has lost his account is not known any more.
struct KnownPasswords {
    private var expiries: [SHA256Digest: MonotonicTime] = [:]

    /// True exactly when the digest was found good not long ago.
    func contains(_ digest: SHA256Digest, now: MonotonicTime) -> Bool {
        expiries[digest].map { $0 > now } ?? false
    }

    /// Remembers a digest for a while.
    mutating func insert(_ digest: SHA256Digest, now: MonotonicTime) {
        if expiries.count >= KnownPasswords.limit { expiries = expiries.filter { $0.value > now } }
        if expiries.count >= KnownPasswords.limit { expiries.removeAll(keepingCapacity: true) }
        expiries[digest] = now + KnownPasswords.lifetime
    }

    /// How many are remembered.
    static let limit = 4_096
    /// How long.
    static let lifetime = Duration.seconds(300)
}

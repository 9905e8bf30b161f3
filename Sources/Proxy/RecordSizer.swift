internal import Platform

/// How much goes into one TLS record.
///
/// A client can use no byte of a record before it has all of it. While the path is new or was idle,
/// the window of congestion is small (about ten segments), and a record of 16 KiB would wait for
/// another round trip; a page is drawn sooner from small ones. A download has fewer headers, tags
/// and calls with large ones.
struct RecordSizer {
    /// How much was sealed since the beginning, or since the connection was idle; counted up to
    /// where records are large.
    private var sealed = 0
    /// When the connection counts as idle.
    private var idleAt = MonotonicTime(nanoseconds: 0)

    /// How many of the next `count` bytes go into records of which size.
    mutating func next(_ count: Int, now: MonotonicTime) -> (count: Int, recordBytes: Int) {
        if now >= idleAt { sealed = 0 }
        idleAt = now + RecordSizer.idle
        guard sealed < RecordSizer.openingBytes else { return (count, RecordSizer.largeBytes) }
        let taken = min(count, RecordSizer.openingBytes - sealed)
        sealed += taken
        return (taken, RecordSizer.smallBytes)
    }

    /// True exactly when what is sealed now goes into large records.
    func isLarge(now: MonotonicTime) -> Bool {
        now < idleAt && sealed >= RecordSizer.openingBytes
    }

    /// Three segments of about 1,400 bytes each.
    static let smallBytes = 4_096
    /// The payload of one TLS record (RFC 8446 §5.1).
    static let largeBytes = 16_384
    /// What becomes of that: with a header, the content's type and a tag (RFC 8446 §5.2).
    static let sealedBytes = largeBytes + 22
    /// How much is sealed in small records: the first three or four flights.
    static let openingBytes = 65_536
    /// After this time without a byte the kernel's window is no longer what it was (RFC 5681 §4.1).
    static let idle = Duration.seconds(1)
}

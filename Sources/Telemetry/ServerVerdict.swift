internal import Platform

/// What an attempt to connect told of a server, in one cell of a worker.
///
/// ```
/// | time in nanoseconds 63 | up 1 |
/// ```
///
/// So the greatest of all workers' cells is the latest verdict, and the kinder one of two at once.
struct ServerVerdict: Sendable {
    let packed: UInt64

    init(isUp: Bool, time: MonotonicTime) {
        packed = UInt64(max(0, time.nanoseconds)) << 1 | (isUp ? 1 : 0)
    }

    init(packed: UInt64) { self.packed = packed }

    /// True exactly when the server took the connection.
    var isUp: Bool { packed & 1 == 1 }

    /// When it did or did not.
    var time: MonotonicTime { MonotonicTime(nanoseconds: Int64(packed >> 1)) }
}

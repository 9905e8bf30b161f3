internal import Synchronization

/// A bounded queue of bytes between exactly one writing and one reading thread, without a lock.
///
/// What does not fit is refused whole: a log that cannot be written loses lines, and counts them,
/// but never stops a worker.
@safe public final class ByteRing: Sendable {
    /// How many bytes fit; a power of two.
    public let capacity: Int

    // SAFETY: owner: this ring; lifetime: until `deinit`; bound: `capacity`. The writer touches
    // only the free part, the reader only the filled part; `written` and `consumed` hand the parts
    // over with release and acquire.
    private nonisolated(unsafe) let storage: UnsafeMutablePointer<UInt8>

    /// Invariant: `consumed <= written <= consumed + capacity`; both only grow.
    private let written = Atomic<Int>(0)
    private let consumed = Atomic<Int>(0)

    /// Makes an empty ring of at least `capacity` bytes.
    public init(capacity: Int) {
        var size = 4096
        while size < capacity { size *= 2 }
        self.capacity = size
        unsafe storage = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
    }

    deinit { unsafe storage.deallocate() }

    /// True exactly when nothing waits to be read; any thread.
    public var isEmpty: Bool { count == 0 }

    /// How many bytes wait to be read: no more than were written before the call; any thread.
    public var count: Int {
        let end = written.load(ordering: .acquiring)
        return max(0, end - consumed.load(ordering: .acquiring))
    }

    /// Appends all of `bytes`, or nothing and returns false if they do not fit; writer's thread
    /// only.
    public func write(_ bytes: Span<UInt8>) -> Bool {
        let end = written.load(ordering: .relaxed)
        let start = consumed.load(ordering: .acquiring)
        guard bytes.count <= capacity - (end - start) else { return false }
        let position = end & (capacity - 1)
        let first = min(bytes.count, capacity - position)
        // SAFETY: bound: both parts end within `capacity`, and the reader has consumed what stood
        // there.
        unsafe bytes.withUnsafeBufferPointer { source in
            guard let base = source.baseAddress else { return }
            unsafe (storage + position).update(from: base, count: first)
            unsafe storage.update(from: base + first, count: source.count - first)
        }
        written.store(end + bytes.count, ordering: .releasing)
        return true
    }

    /// Moves all that waits into `queue`; reader's thread only.
    public func drain(into queue: inout ByteQueue) {
        let start = consumed.load(ordering: .relaxed)
        let end = written.load(ordering: .acquiring)
        guard end > start else { return }
        let position = start & (capacity - 1)
        let first = min(end - start, capacity - position)
        // SAFETY: bound: both parts end within `capacity`, and the writer does not touch what is
        // not consumed.
        unsafe queue.append(Span(_unsafeStart: UnsafePointer(storage + position), count: first))
        unsafe queue.append(Span(_unsafeStart: UnsafePointer(storage), count: end - start - first))
        consumed.store(end, ordering: .releasing)
    }
}

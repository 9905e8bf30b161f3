public import Synchronization

/// A fixed number of 64-bit counters, written by one thread and read by any.
///
/// The writer adds with a plain load and a plain store (relaxed, no read-modify-write, no lock): on
/// x86 and ARM that is what an ordinary variable costs. Readers see each counter whole, at most a
/// moment old.
@safe public final class CounterBlock: Sendable {
    /// How many counters there are.
    public let count: Int

    // SAFETY: owner: this block; lifetime: until `deinit`; bound: `count`; shared between threads
    // only by atomic access.
    @usableFromInline nonisolated(unsafe) let cells: UnsafeMutablePointer<Atomic<UInt64>>

    /// Makes `count` counters, all zero.
    public init(count: Int) {
        self.count = count
        unsafe cells = UnsafeMutablePointer<Atomic<UInt64>>.allocate(capacity: count)
        for index in 0..<count { unsafe (cells + index).initialize(to: Atomic(0)) }
    }

    deinit {
        unsafe cells.deinitialize(count: count)
        unsafe cells.deallocate()
    }

    /// Adds to a counter; writer's thread only.
    @inlinable
    public func add(_ amount: UInt64, at index: Int) {
        precondition(index >= 0 && index < count, "no such counter")
        let value = unsafe cells[index].load(ordering: .relaxed)
        unsafe cells[index].store(value &+ amount, ordering: .relaxed)
    }

    /// Subtracts from a counter that serves as a gauge; writer's thread only.
    public func subtract(_ amount: UInt64, at index: Int) {
        add(0 &- amount, at: index)
    }

    /// Sets a counter that serves as a gauge; writer's thread only.
    @inlinable
    public func set(_ value: UInt64, at index: Int) {
        precondition(index >= 0 && index < count, "no such counter")
        unsafe cells[index].store(value, ordering: .relaxed)
    }

    /// Reads a counter; any thread.
    public subscript(index: Int) -> UInt64 {
        precondition(index >= 0 && index < count, "no such counter")
        return unsafe cells[index].load(ordering: .relaxed)
    }
}

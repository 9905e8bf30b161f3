/// A free list of blocks of memory in five sizes, owned by one worker.
///
/// In the steady state a request takes its blocks from here and gives them back: no `malloc`, and
/// the block most recently used, still in the cache, is the first to be used again. Worker only:
/// not `Sendable`.
@safe public final class BufferPool {
    /// The sizes of pooled blocks in bytes; what is larger is allocated and freed directly.
    ///
    /// The odd sizes leave room for the record overhead of TLS beside 16, 64, 128 and 256 KiB, the
    /// last for a record that had begun before, too.
    static let blockSizes: InlineArray<5, Int> = [4_096, 18_432, 73_728, 139_264, 286_720]

    /// How many bytes of idle blocks are kept at most.
    public let maximumIdleBytes: Int

    /// How many bytes of idle blocks are kept now.
    ///
    /// Invariant: `0 <= idleBytes <= maximumIdleBytes`.
    public var idleBytes: Int { idle }

    /// How many bytes are in use by queues now, pooled or not.
    public var usedBytes: Int { used }

    // Not public: the compiler cannot prove of those that no two accesses overlap, and checks.
    private var idle = 0
    private var used = 0

    // SAFETY: owner: this pool, until `take` hands a block out; lifetime: freed by `releaseIdle`;
    // bound: the size at the same place. An idle block begins with the address of the next one.
    private var lists = unsafe InlineArray<5, UnsafeMutableRawPointer?>(repeating: nil)

    /// Makes an empty pool that keeps at most `maximumIdleBytes` of idle blocks.
    public init(maximumIdleBytes: Int = 16 * 1024 * 1024) {
        self.maximumIdleBytes = maximumIdleBytes
    }

    deinit { releaseIdle() }

    /// Gives back the memory of all idle blocks.
    public func releaseIdle() {
        // SAFETY: owner: this pool; each block in the lists was allocated by `take` and is in no
        // queue.
        for place in unsafe lists.indices {
            while let block = unsafe popIdle(place) { unsafe block.deallocate() }
        }
        idle = 0
    }

    // SAFETY: the caller owns the block until it passes it to `give` with the same size.
    func take(atLeast count: Int) -> UnsafeMutableRawBufferPointer {
        let place = BufferPool.place(of: count)
        let size = BufferPool.blockSize(at: place, for: count)
        used += size
        if let place, let block = unsafe popIdle(place) {
            idle -= size
            return unsafe UnsafeMutableRawBufferPointer(start: block, count: size)
        }
        return UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 64)
    }

    // SAFETY: the pool takes ownership of a block that `take` handed out; nobody else refers to it;
    // bound: only a block of just the size of its list is kept.
    func give(_ buffer: UnsafeMutableRawBufferPointer) {
        guard let block = buffer.baseAddress else { return }
        let size = buffer.count
        used -= size
        guard idle + size <= maximumIdleBytes, let place = BufferPool.place(of: size),
            BufferPool.blockSizes[place] == size
        else {
            unsafe block.deallocate()
            return
        }
        idle += size
        unsafe block.storeBytes(of: lists[place], as: UnsafeMutableRawPointer?.self)
        unsafe lists[place] = block
    }

    // SAFETY: owner: the list, of every block in it; bound: the smallest block holds an address.
    private func popIdle(_ place: Int) -> UnsafeMutableRawPointer? {
        guard let first = unsafe lists[place] else { return nil }
        unsafe lists[place] = first.load(as: UnsafeMutableRawPointer?.self)
        return unsafe first
    }

    /// Where the size stands of the smallest pooled block that holds so many bytes.
    @inline(__always)
    private static func place(of count: Int) -> Int? {
        for place in blockSizes.indices where count <= blockSizes[place] { return place }
        return nil
    }

    static func blockSize(for count: Int) -> Int { blockSize(at: place(of: count), for: count) }

    @inline(__always)
    private static func blockSize(at place: Int?, for count: Int) -> Int {
        place.map { blockSizes[$0] } ?? (count + 0xffff) & ~0xffff
    }
}

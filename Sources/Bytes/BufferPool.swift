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
    public static let blockSizes = [4, 18, 72, 136, 280].map { $0 * 1024 }

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
    // bound: the size of its class. An idle block begins with the address of the next one.
    private var small: UnsafeMutableRawPointer?
    private var medium: UnsafeMutableRawPointer?
    private var large: UnsafeMutableRawPointer?
    private var larger: UnsafeMutableRawPointer?
    private var largest: UnsafeMutableRawPointer?

    /// Makes an empty pool that keeps at most `maximumIdleBytes` of idle blocks.
    public init(maximumIdleBytes: Int = 16 * 1024 * 1024) {
        self.maximumIdleBytes = maximumIdleBytes
    }

    deinit { releaseIdle() }

    /// Gives back the memory of all idle blocks.
    public func releaseIdle() {
        // SAFETY: owner: this pool; each block in the lists was allocated by `take` and is in no
        // queue.
        for size in BufferPool.blockSizes {
            while let block = unsafe popIdle(size) { unsafe block.deallocate() }
        }
        idle = 0
    }

    // SAFETY: the caller owns the block until it passes it to `give` with the same size.
    func take(atLeast count: Int) -> UnsafeMutableRawBufferPointer {
        let size = BufferPool.blockSize(for: count)
        used += size
        if let block = unsafe popIdle(size) {
            idle -= size
            return unsafe UnsafeMutableRawBufferPointer(start: block, count: size)
        }
        return UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 64)
    }

    // SAFETY: the pool takes ownership of a block that `take` handed out; nobody else refers to it.
    func give(_ buffer: UnsafeMutableRawBufferPointer) {
        guard let block = buffer.baseAddress else { return }
        let size = buffer.count
        used -= size
        guard idle + size <= maximumIdleBytes else {
            unsafe block.deallocate()
            return
        }
        switch size {
        case 4 * 1024: unsafe BufferPool.push(block, on: &small)
        case 18 * 1024: unsafe BufferPool.push(block, on: &medium)
        case 72 * 1024: unsafe BufferPool.push(block, on: &large)
        case 136 * 1024: unsafe BufferPool.push(block, on: &larger)
        case 280 * 1024: unsafe BufferPool.push(block, on: &largest)
        default:
            unsafe block.deallocate()
            return
        }
        idle += size
    }

    // SAFETY: as `take`; nil where no block of the size is idle.
    private func popIdle(_ size: Int) -> UnsafeMutableRawPointer? {
        switch size {
        case 4 * 1024: unsafe BufferPool.pop(&small)
        case 18 * 1024: unsafe BufferPool.pop(&medium)
        case 72 * 1024: unsafe BufferPool.pop(&large)
        case 136 * 1024: unsafe BufferPool.pop(&larger)
        case 280 * 1024: unsafe BufferPool.pop(&largest)
        default: nil
        }
    }

    // SAFETY: owner: the list, of every block in it; bound: the smallest block holds an address.
    @inline(__always)
    private static func pop(_ list: inout UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let first = unsafe list else { return nil }
        unsafe list = first.load(as: UnsafeMutableRawPointer?.self)
        return unsafe first
    }

    // SAFETY: as `pop`; the list takes over the block.
    @inline(__always)
    private static func push(
        _ block: UnsafeMutableRawPointer, on list: inout UnsafeMutableRawPointer?
    ) {
        unsafe block.storeBytes(of: list, as: UnsafeMutableRawPointer?.self)
        unsafe list = block
    }

    static func blockSize(for count: Int) -> Int {
        if count <= 4 * 1024 { return 4 * 1024 }
        if count <= 18 * 1024 { return 18 * 1024 }
        if count <= 72 * 1024 { return 72 * 1024 }
        if count <= 136 * 1024 { return 136 * 1024 }
        if count <= 280 * 1024 { return 280 * 1024 }
        return (count + 0xffff) & ~0xffff
    }
}

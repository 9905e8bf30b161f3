/// A free list of blocks of memory in three sizes, owned by one worker.
///
/// In the steady state a request takes its blocks from here and gives them back: no `malloc`, and
/// the block most recently used, still in the cache, is the first to be used again. Worker only:
/// not `Sendable`.
@safe public final class BufferPool {
    /// The sizes of pooled blocks in bytes; what is larger is allocated and freed directly.
    ///
    /// The odd sizes leave room for the record overhead of TLS beside 16 KiB and 64 KiB of payload.
    public static let blockSizes = [4 * 1024, 18 * 1024, 72 * 1024]

    /// How many bytes of idle blocks are kept at most.
    public let maximumIdleBytes: Int

    /// How many bytes of idle blocks are kept now.
    ///
    /// Invariant: `0 <= idleBytes <= maximumIdleBytes`.
    public private(set) var idleBytes = 0

    /// How many bytes are in use by queues now, pooled or not.
    public private(set) var usedBytes = 0

    // SAFETY: owner: this pool, until `take` hands a block out; lifetime: freed by `deinit`; bound:
    // the size of its class.
    private var small: [UnsafeMutableRawPointer] = unsafe []
    private var medium: [UnsafeMutableRawPointer] = unsafe []
    private var large: [UnsafeMutableRawPointer] = unsafe []

    /// Makes an empty pool that keeps at most `maximumIdleBytes` of idle blocks.
    public init(maximumIdleBytes: Int = 16 * 1024 * 1024) {
        self.maximumIdleBytes = maximumIdleBytes
        unsafe small.reserveCapacity(256)
        unsafe medium.reserveCapacity(256)
        unsafe large.reserveCapacity(64)
    }

    deinit { releaseIdle() }

    /// Gives back the memory of all idle blocks.
    public func releaseIdle() {
        // SAFETY: owner: this pool; each block in the lists was allocated by `take` and is in no
        // queue.
        while let block = unsafe small.popLast() { unsafe block.deallocate() }
        while let block = unsafe medium.popLast() { unsafe block.deallocate() }
        while let block = unsafe large.popLast() { unsafe block.deallocate() }
        idleBytes = 0
    }

    // SAFETY: the caller owns the block until it passes it to `give` with the same size.
    func take(atLeast count: Int) -> UnsafeMutableRawBufferPointer {
        let size = BufferPool.blockSize(for: count)
        usedBytes += size
        let idle: UnsafeMutableRawPointer? =
            switch size {
            case 4 * 1024: unsafe small.popLast()
            case 18 * 1024: unsafe medium.popLast()
            case 72 * 1024: unsafe large.popLast()
            default: nil
            }
        if let block = unsafe idle {
            idleBytes -= size
            return unsafe UnsafeMutableRawBufferPointer(start: block, count: size)
        }
        return UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
    }

    // SAFETY: the pool takes ownership of a block that `take` handed out; nobody else refers to it.
    func give(_ buffer: UnsafeMutableRawBufferPointer) {
        guard let block = buffer.baseAddress else { return }
        let size = buffer.count
        usedBytes -= size
        guard idleBytes + size <= maximumIdleBytes else {
            unsafe block.deallocate()
            return
        }
        switch size {
        case 4 * 1024: unsafe small.append(block)
        case 18 * 1024: unsafe medium.append(block)
        case 72 * 1024: unsafe large.append(block)
        default:
            unsafe block.deallocate()
            return
        }
        idleBytes += size
    }

    static func blockSize(for count: Int) -> Int {
        if count <= 4 * 1024 { return 4 * 1024 }
        if count <= 18 * 1024 { return 18 * 1024 }
        if count <= 72 * 1024 { return 72 * 1024 }
        return (count + 0xffff) & ~0xffff
    }
}

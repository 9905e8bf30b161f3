/// A first-in, first-out queue of bytes in one contiguous block of memory.
///
/// Bytes are appended at the end and removed from the front; what is queued is always one `Span`.
/// An empty queue holds no memory after `releaseStorageIfEmpty()`, so that an idle connection costs
/// nothing. The queue has no maximum of its own: whoever appends enforces the watermark.
@safe public struct ByteQueue: ~Copyable {
    // SAFETY: owner: this queue alone; lifetime: until `deinit` or `releaseStorage`; bound:
    // `storage.count`.
    private var storage = unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0)

    /// Invariant: `0 <= head <= tail <= storage.count`; the queued bytes are
    /// `storage[head..<tail]`.
    private var head = 0
    private var tail = 0

    /// Where blocks come from and go to; nil for a queue that allocates directly.
    private let pool: BufferPool?

    /// Makes an empty queue that takes its memory from `pool` when the first byte is appended.
    public init(pool: BufferPool) { self.pool = pool }

    /// Makes an empty queue that allocates its memory directly.
    public init() { pool = nil }

    deinit {
        // SAFETY: owner: this queue; nothing refers to the block after `deinit`.
        unsafe ByteQueue.free(storage, to: pool)
    }

    /// How many bytes are queued.
    public var count: Int { tail - head }

    /// True exactly when no byte is queued.
    public var isEmpty: Bool { tail == head }

    /// How many bytes of memory the queue holds.
    public var capacity: Int { unsafe storage.count }

    /// The queued bytes, valid until the queue is next changed.
    public var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get {
            // SAFETY: owner: this queue, borrowed for as long as the span lives; bound:
            // `head..<tail`.
            let queued = unsafe UnsafeRawBufferPointer(rebasing: storage[head..<tail])
            let span = unsafe Span<UInt8>(_unsafeBytes: queued)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// A part of the queued bytes, counted from the front; traps if it reaches beyond them.
    @_lifetime(borrow self)
    public borrowing func bytes(in range: Range<Int>) -> Span<UInt8> {
        bytes.extracting(range)
    }

    /// Appends a copy of `bytes`.
    public mutating func append(_ bytes: Span<UInt8>) {
        let added = bytes.count
        guard added > 0 else { return }
        reserve(added)
        // SAFETY: bound: `reserve` made room for `added` bytes behind `tail`; the span cannot
        // overlap memory that this queue holds exclusively.
        unsafe bytes.withUnsafeBytes { source in
            if let start = source.baseAddress, let target = unsafe storage.baseAddress {
                unsafe (target + tail).copyMemory(from: start, byteCount: added)
            }
        }
        tail += added
    }

    /// Appends one byte.
    public mutating func append(_ byte: UInt8) {
        reserve(1)
        // SAFETY: bound: `reserve` made room for one byte behind `tail`.
        unsafe storage[tail] = byte
        tail += 1
    }

    /// Appends the UTF-8 of a literal.
    public mutating func append(_ literal: StaticString) {
        let added = literal.utf8CodeUnitCount
        reserve(added)
        guard added > 0, let target = unsafe storage.baseAddress else { return }
        // SAFETY: bound: `reserve` made room for `added` bytes behind `tail`.
        literal.withUTF8Buffer { source in
            if let start = source.baseAddress {
                unsafe (target + tail).copyMemory(from: start, byteCount: added)
            }
        }
        tail += added
    }

    /// Appends the UTF-8 of a string, which a literal is only where it has to be.
    @_disfavoredOverload
    public mutating func append(_ text: String) {
        append(text.utf8.span)
    }

    /// Appends a copy of `bytes` with ASCII upper-case letters made lower-case.
    public mutating func append(lowercasing bytes: Span<UInt8>) {
        let added = bytes.count
        reserve(added)
        // SAFETY: bound: `reserve` made room for `added` bytes behind `tail`, and the span has as
        // many.
        unsafe bytes.withUnsafeBytes { source in
            guard added >= 8 else {
                for index in 0..<added {
                    unsafe storage[tail &+ index] = source[index].asciiLowercased
                }
                return
            }
            var index = 0
            while index < added {
                // The last eight may have been written in part.
                let start = min(index, added &- 8)
                let word = unsafe source.loadUnaligned(fromByteOffset: start, as: UInt64.self)
                unsafe storage.storeBytes(
                    of: lowercased(word), toByteOffset: tail &+ start, as: UInt64.self)
                index &+= 8
            }
        }
        tail += added
    }

    /// Appends a line of HTTP/1.1: `name: value`, and CR and LF behind it.
    public mutating func appendLine(name: Span<UInt8>, value: Span<UInt8>) {
        let valueStart = name.count + 2
        let added = valueStart + value.count + 2
        reserve(added)
        guard let start = unsafe storage.baseAddress else { return }
        // SAFETY: bound: `reserve` made room for `added` bytes behind `tail`; spans cannot overlap
        // memory that this queue holds exclusively.
        let line = unsafe UnsafeMutableRawBufferPointer(start: start + tail, count: added)
        unsafe name.withUnsafeBytes { unsafe line.copyMemory(from: $0) }
        unsafe line.storeBytes(
            of: UInt16(0x203a).littleEndian, toByteOffset: name.count, as: UInt16.self)
        unsafe value.withUnsafeBytes { source in
            unsafe UnsafeMutableRawBufferPointer(rebasing: line[valueStart...])
                .copyMemory(from: source)
        }
        unsafe line.storeBytes(
            of: UInt16(0x0a0d).littleEndian, toByteOffset: added - 2, as: UInt16.self)
        tail += added
    }

    /// Appends a number in decimal.
    public mutating func append(decimal number: Int) {
        if number < 0 { append(UInt8(ascii: "-")) }
        var count = 1
        var rest = number.magnitude / 10
        while rest > 0 {
            count += 1
            rest /= 10
        }
        reserve(count)
        // SAFETY: bound: `reserve` made room for `count` digits behind `tail`.
        rest = number.magnitude
        var place = tail + count
        while place > tail {
            place -= 1
            unsafe storage[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        tail += count
    }

    /// Appends a number in lower-case hexadecimal without leading zeros.
    public mutating func append(hexadecimal number: UInt64) {
        var shift = number == 0 ? 0 : (63 - number.leadingZeroBitCount) / 4 * 4
        while shift >= 0 {
            let digit = UInt8(truncatingIfNeeded: number >> UInt64(shift)) & 0xf
            append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            shift -= 4
        }
    }

    /// Appends what `body` writes into up to `capacity` bytes of free space, and returns what
    /// `body` returns.
    ///
    /// If `body` throws, what it wrote is dropped.
    public mutating func append<Result: ~Copyable, Failure: Error>(
        capacity: Int, _ body: (inout OutputSpan<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        reserve(capacity)
        // SAFETY: bound: `reserve` made room for `capacity` bytes behind `tail`; lifetime: the span
        // ends in this function.
        let free = unsafe UnsafeMutableBufferPointer<UInt8>(
            rebasing: storage.assumingMemoryBound(to: UInt8.self)[tail..<(tail + capacity)])
        var output = unsafe OutputSpan<UInt8>(buffer: free, initializedCount: 0)
        let result = try body(&output)
        tail += unsafe output.finalize(for: free)
        return result
    }

    /// Removes `count` bytes from the front; traps if fewer are queued.
    public mutating func removeFirst(_ count: Int) {
        precondition(count >= 0 && count <= tail - head, "removeFirst beyond the queued bytes")
        head += count
        if head == tail { restart() }
    }

    /// Puts `bytes` in front of those queued, into the room of bytes that were removed; false, and
    /// nothing is changed, where there is less.
    public mutating func prepend(_ bytes: Span<UInt8>) -> Bool {
        let added = bytes.count
        guard added <= head, head < tail else { return false }
        head -= added
        // SAFETY: bound: `head` was at least `added`.
        for index in 0..<added { unsafe storage[head + index] = bytes[index] }
        return true
    }

    /// Removes the last `count` bytes; traps if fewer are queued.
    public mutating func removeLast(_ count: Int) {
        precondition(count >= 0 && count <= tail - head, "removeLast beyond the queued bytes")
        tail -= count
    }

    /// Removes every byte; keeps the memory.
    public mutating func removeAll() { restart() }

    /// Begins anew in an empty block, in a large one behind room for `prepend`.
    private mutating func restart() {
        head = unsafe storage.count > 4_096 ? ByteQueue.headroom : 0
        tail = head
    }

    /// Room in front of what is queued first: the header of a frame of HTTP/2, up to where the
    /// processor copies fast.
    private static let headroom = 64

    /// Gives the memory back if nothing is queued.
    public mutating func releaseStorageIfEmpty() {
        guard head == tail, unsafe storage.count > 0 else { return }
        // SAFETY: owner: this queue; it forgets the block here.
        unsafe ByteQueue.free(storage, to: pool)
        unsafe storage = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        head = 0
        tail = 0
    }

    /// Makes room for `count` more bytes, so that appending them does not allocate.
    public mutating func reserve(_ count: Int) {
        if unsafe tail + count <= storage.count { return }
        makeRoom(count)
    }

    @inline(never)
    private mutating func makeRoom(_ count: Int) {
        let queued = tail - head
        let needed = queued + count
        // Sliding costs a copy of what is queued: worth it only where that is small against the
        // block.
        if unsafe needed <= storage.count, unsafe queued <= storage.count / 2,
            let base = unsafe storage.baseAddress
        {
            unsafe base.copyMemory(from: base + head, byteCount: queued)
            head = 0
            tail = queued
            return
        }
        let wanted = queued == 0 ? needed : max(needed, queued * 2)
        let block = unsafe ByteQueue.allocate(wanted, from: pool)
        // SAFETY: bound: the new block holds `needed` bytes and `queued <= needed`; the old one is
        // forgotten here.
        if queued > 0, let source = unsafe storage.baseAddress, let target = block.baseAddress {
            unsafe target.copyMemory(from: source + head, byteCount: queued)
        }
        unsafe ByteQueue.free(storage, to: pool)
        unsafe storage = block
        restart()
        if queued > 0 || needed > block.count - head { head = 0 }
        tail = head + queued
    }

    // SAFETY: the caller owns the block that is returned.
    private static func allocate(_ count: Int, from pool: BufferPool?)
        -> UnsafeMutableRawBufferPointer
    {
        if let pool { return unsafe pool.take(atLeast: count) }
        return UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 64), alignment: 16)
    }

    // SAFETY: the caller gives up a block that `allocate` returned for the same pool.
    private static func free(_ block: UnsafeMutableRawBufferPointer, to pool: BufferPool?) {
        guard unsafe block.baseAddress != nil else { return }
        if let pool { unsafe pool.give(block) } else { unsafe block.deallocate() }
    }
}

internal import CLinux
internal import Glibc

/// An epoll instance and the batch of events that it told last.
@safe public struct Poller: ~Copyable {
    /// What to be told of a descriptor.
    public struct Interest: OptionSet, Sendable {
        /// The bits as epoll knows them.
        public let rawValue: UInt32

        /// Takes over epoll's bits.
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// Bytes, connections or the end can be read.
        public static let readable = Interest(rawValue: UInt32(EPOLLIN.rawValue))
        /// There is room to write.
        public static let writable = Interest(rawValue: UInt32(EPOLLOUT.rawValue))
        /// The peer has shut down its side.
        public static let peerClosed = Interest(rawValue: UInt32(EPOLLRDHUP.rawValue))
        /// Each change is told once.
        public static let edgeTriggered = Interest(rawValue: martlet_epollet())
    }

    /// What happened to one descriptor.
    public struct Event: Sendable {
        /// The word that the descriptor was added with.
        public let token: UInt64
        private let bits: UInt32

        init(token: UInt64, bits: UInt32) {
            self.token = token
            self.bits = bits
        }

        /// Bytes, connections or the end can be read.
        public var isReadable: Bool { bits & UInt32(EPOLLIN.rawValue) != 0 }
        /// There is room to write.
        public var isWritable: Bool { bits & UInt32(EPOLLOUT.rawValue) != 0 }
        /// The connection is gone, or broken.
        public var isHangup: Bool {
            bits & (UInt32(EPOLLHUP.rawValue) | UInt32(EPOLLERR.rawValue)) != 0
        }
        /// The peer has shut down its side.
        public var isPeerClosed: Bool { bits & UInt32(EPOLLRDHUP.rawValue) != 0 }
    }

    private let descriptor: Descriptor
    // SAFETY: owner: this poller; lifetime: until `deinit`; bound: its count, which epoll_wait is
    // told.
    private let events: UnsafeMutableBufferPointer<epoll_event>
    private var count = 0

    /// Makes an instance that tells at most `maximumEvents` at a time.
    public init(maximumEvents: Int) throws(SystemError) {
        let raw = epoll_create1(CInt(EPOLL_CLOEXEC))
        guard raw >= 0 else { throw .last("create", "an epoll instance") }
        descriptor = Descriptor(owning: raw)
        unsafe events = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: maximumEvents)
        unsafe events.initialize(repeating: epoll_event())
    }

    deinit { unsafe events.deallocate() }

    /// Watches a descriptor under a word of the caller's; closing the descriptor ends it.
    public func add(_ raw: CInt, token: UInt64, interest: Interest) throws(SystemError) {
        guard
            martlet_epoll_ctl(descriptor.rawValue, EPOLL_CTL_ADD, raw, interest.rawValue, token)
                == 0
        else {
            throw .last("watch", "a descriptor")
        }
    }

    /// Watches a descriptor for something else.
    public func modify(_ raw: CInt, token: UInt64, interest: Interest) throws(SystemError) {
        guard
            martlet_epoll_ctl(descriptor.rawValue, EPOLL_CTL_MOD, raw, interest.rawValue, token)
                == 0
        else {
            throw .last("watch", "a descriptor")
        }
    }

    /// Watches a descriptor no more.
    public func remove(_ raw: CInt) {
        _ = martlet_epoll_ctl(descriptor.rawValue, EPOLL_CTL_DEL, raw, 0, 0)
    }

    /// Waits for events, until `deadline` at most (without end if it is nil), and returns how many
    /// there are.
    public mutating func wait(until deadline: MonotonicTime?, now: MonotonicTime) -> Int {
        var milliseconds: CInt = -1
        if let deadline {
            let left = deadline.nanoseconds &- now.nanoseconds
            milliseconds = left <= 0 ? 0 : CInt(clamping: (left - 1) / 1_000_000 + 1)
        }
        // SAFETY: bound: the count of `events`.
        let result = unsafe epoll_wait(
            descriptor.rawValue, events.baseAddress, CInt(events.count), milliseconds)
        precondition(result >= 0 || martlet_errno() == EINTR, "epoll_wait failed")
        count = max(0, Int(result))
        return count
    }

    /// An event of the batch; `index` is below what `wait` returned.
    public func event(_ index: Int) -> Event {
        precondition(index >= 0 && index < count, "no such event")
        // SAFETY: bound: `index < count <= events.count`.
        return unsafe Event(
            token: UInt64(martlet_event_token(events.baseAddress.map { unsafe $0 + index })),
            bits: events[index].events)
    }
}

public import Bytes
internal import CLinux
internal import Glibc

/// A stream socket with exactly one owner; non-blocking unless said otherwise, closed on exec.
public struct Socket: ~Copyable, Sendable {
    private let descriptor: Descriptor

    init(_ descriptor: consuming Descriptor) {
        self.descriptor = descriptor
    }

    /// The number that epoll knows it by.
    public var rawDescriptor: CInt { descriptor.rawValue }

    private static func make(for address: SocketAddress, blocking: Bool = false) throws(SystemError)
        -> Socket
    {
        let family: CInt =
            switch address {
            case .ipv4: AF_INET
            case .ipv6: AF_INET6
            case .unix: AF_UNIX
            }
        let flags = martlet_sock_cloexec() | (blocking ? 0 : martlet_sock_nonblock())
        let raw = socket(family, martlet_sock_stream() | flags, 0)
        guard raw >= 0 else { throw .last("open a socket for", "\(address)") }
        return Socket(Descriptor(owning: raw))
    }

    /// Binds and listens.
    ///
    /// A socket file that nobody listens on any more is removed first; anything else that stands
    /// there is left, and an error. `TCP_NODELAY` is set here and inherited by what is accepted.
    public static func listen(
        on address: SocketAddress, reusePort: Bool, backlog: CInt
    ) throws(SystemError) -> Socket {
        let socket = try make(for: address)
        if case .unix(let path) = address {
            try checkFile(of: address)
            if !isTaken(address) { Files.remove(path) }
        } else {
            socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
            if reusePort { socket.set(SOL_SOCKET, SO_REUSEPORT, 1) }
            socket.set(CInt(IPPROTO_TCP), TCP_NODELAY, 1)
            if case .ipv6 = address { socket.set(CInt(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
        }
        // SAFETY: the address's bytes are valid during the call.
        guard unsafe address.withRaw({ unsafe bind(socket.rawDescriptor, $0, $1) }) == 0 else {
            throw .last("bind", "\(address)")
        }
        guard Glibc.listen(socket.rawDescriptor, backlog) == 0 else {
            throw .last("listen on", "\(address)")
        }
        return socket
    }

    /// Keeps a mistyped address from costing a file: only a socket may be replaced by another.
    ///
    /// - Throws: the address, if its path has anything else, be it a link to a socket.
    public static func checkFile(of address: SocketAddress) throws(SystemError) {
        guard case .unix(let path) = address,
            let status = try? Files.status(path, followsLinks: false), !status.isSocket
        else { return }
        throw SystemError(
            code: 0, operation: "bind", subject: "\(address): what stands there is no socket")
    }

    /// True exactly when somebody else listens on the address; bound without `SO_REUSEPORT`, so
    /// that a second instance of the same user is noticed.
    public static func isTaken(_ address: SocketAddress) -> Bool {
        if case .unix = address {
            guard let probe = try? make(for: address) else { return false }
            // SAFETY: the address's bytes are valid during the call.
            let result = unsafe address.withRaw {
                unsafe Glibc.connect(probe.rawDescriptor, $0, $1)
            }
            // A listener whose queue is full is one, too.
            return result == 0 || martlet_errno() == EAGAIN
        }
        guard address.port != 0, let probe = try? make(for: address) else { return false }
        probe.set(SOL_SOCKET, SO_REUSEADDR, 1)
        if case .ipv6 = address { probe.set(CInt(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
        // SAFETY: the address's bytes are valid during the call.
        let result = unsafe address.withRaw { unsafe bind(probe.rawDescriptor, $0, $1) }
        return result != 0 && martlet_errno() == EADDRINUSE
    }

    /// Takes one connection that waits.
    public func accept() -> AcceptOutcome {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        // SAFETY: owner: this frame; bound: the kernel is told the size and reports what it used.
        return unsafe withUnsafeMutableBytes(of: &storage) { bytes -> AcceptOutcome in
            guard let base = bytes.baseAddress else { return .wouldBlock }
            let raw = unsafe base.assumingMemoryBound(to: sockaddr.self)
            while true {
                let accepted = unsafe martlet_accept(rawDescriptor, raw, &length)
                if accepted >= 0 {
                    let client = unsafe SocketAddress(raw, length: length) ?? .unix("")
                    return .accepted(Socket(Descriptor(owning: accepted)), client)
                }
                switch martlet_errno() {
                case EINTR: continue
                case EAGAIN: return .wouldBlock
                case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .outOfDescriptors
                case let code: return .failed(code)
                }
            }
        }
    }

    /// Begins to connect; the socket becomes writable when it has succeeded or failed.
    public static func connect(to address: SocketAddress) throws(SystemError) -> Socket {
        let socket = try make(for: address)
        if case .unix = address {} else { socket.setNoDelay() }
        // SAFETY: the address's bytes are valid during the call.
        let result = unsafe address.withRaw { unsafe Glibc.connect(socket.rawDescriptor, $0, $1) }
        let code = martlet_errno()
        guard result == 0 || code == EINPROGRESS || code == EINTR else {
            throw SystemError(code: code, operation: "connect to", subject: "\(address)")
        }
        return socket
    }

    /// Connects, and waits at most `timeout` for that and for each later read and write; control
    /// threads only.
    ///
    /// - Parameter source: the address to come from; the kernel's choice where it is nil.
    public static func connectBlocking(
        to address: SocketAddress, from source: SocketAddress? = nil, timeout: Duration
    ) throws(SystemError) -> Socket {
        let socket = try make(for: address, blocking: true)
        socket.setTimeouts(timeout)
        if let source {
            // Else `bind` takes a port that no other connection can have, wherever that goes.
            if source.port == 0 { socket.set(CInt(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT, 1) }
            // SAFETY: the address's bytes are valid during the call.
            guard unsafe source.withRaw({ unsafe bind(socket.rawDescriptor, $0, $1) }) == 0 else {
                throw .last("bind", "\(source)")
            }
        }
        // SAFETY: the address's bytes are valid during the call.
        guard unsafe address.withRaw({ unsafe Glibc.connect(socket.rawDescriptor, $0, $1) }) == 0
        else {
            throw .last("connect to", "\(address)")
        }
        return socket
    }

    /// Makes the socket blocking, each read and write at most `timeout` long; control threads only.
    public func setBlocking(timeout: Duration) throws(SystemError) {
        guard martlet_set_blocking(rawDescriptor) == 0 else {
            throw .last("make blocking", "a socket")
        }
        setTimeouts(timeout)
    }

    private func setTimeouts(_ timeout: Duration) {
        let nanoseconds = max(timeout.wholeNanoseconds, 1_000_000)
        var value = timeval()
        value.tv_sec = Int(nanoseconds / 1_000_000_000)
        value.tv_usec = Int(nanoseconds % 1_000_000_000 / 1000)
        let size = socklen_t(MemoryLayout<timeval>.size)
        // SAFETY: owner: this frame; bound: the size is passed.
        _ = unsafe setsockopt(rawDescriptor, SOL_SOCKET, SO_RCVTIMEO, &value, size)
        _ = unsafe setsockopt(rawDescriptor, SOL_SOCKET, SO_SNDTIMEO, &value, size)
    }

    private func set(_ level: CInt, _ option: CInt, _ value: CInt) {
        var value = value
        // SAFETY: owner: this frame; bound: the size is passed.
        _ = unsafe setsockopt(
            rawDescriptor, level, option, &value, socklen_t(MemoryLayout<CInt>.size))
    }

    /// Reads once, straight into the free space of `queue`.
    public func receive(into queue: inout ByteQueue, atMost count: Int) -> IOOutcome {
        queue.append(capacity: count) { (output: inout OutputSpan<UInt8>) -> IOOutcome in
            // SAFETY: owner: the queue, for the call; bound: the span's free capacity is passed to
            // the kernel.
            unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
                while true {
                    let result = unsafe recv(rawDescriptor, buffer.baseAddress, buffer.count, 0)
                    if result > 0 {
                        initialized = result
                        return .bytes(result)
                    }
                    if result == 0 { return .endOfStream }
                    switch martlet_errno() {
                    case EINTR: continue
                    case EAGAIN: return .wouldBlock
                    case let code: return .failed(code)
                    }
                }
            }
        }
    }

    /// Writes once.
    ///
    /// - Parameter isLast: true exactly when the caller shuts its side down right after it: the
    ///   bytes wait for that end, and travel with it; where none follows, they leave 200 ms late.
    public func send(_ bytes: Span<UInt8>, isLast: Bool = false) -> IOOutcome {
        let flags = martlet_msg_nosignal() | (isLast ? martlet_msg_more() : 0)
        // SAFETY: owner: the caller, for the call; bound: the span's count is passed to the kernel.
        return unsafe bytes.withUnsafeBufferPointer { buffer in
            while true {
                let result = unsafe Glibc.send(
                    rawDescriptor, buffer.baseAddress, buffer.count, flags)
                if result >= 0 { return .bytes(result) }
                switch martlet_errno() {
                case EINTR: continue
                case EAGAIN: return .wouldBlock
                case let code: return .failed(code)
                }
            }
        }
    }

    /// Sends what is queued, removes what the kernel took, and gives back the memory of what is
    /// empty then; `isLast` as for `send`.
    public func drain(_ queue: inout ByteQueue, isLast: Bool = false) -> DrainOutcome {
        var taken = 0
        if !queue.isEmpty {
            switch send(queue.bytes, isLast: isLast) {
            case .bytes(let count): taken = count
            case .wouldBlock: return .full(0)
            case .endOfStream, .failed: return .failed
            }
            queue.removeFirst(taken)
        }
        guard queue.isEmpty else { return .full(taken) }
        queue.releaseStorageIfEmpty()
        return .emptied(taken)
    }

    /// Tells the peer that nothing more will be sent.
    public func shutdownWrite() { _ = shutdown(rawDescriptor, CInt(SHUT_WR)) }

    /// Ends both directions.
    public func shutdownBoth() { _ = shutdown(rawDescriptor, CInt(SHUT_RDWR)) }

    /// Lets small writes leave at once.
    public func setNoDelay() { set(CInt(IPPROTO_TCP), TCP_NODELAY, 1) }

    /// Makes the close abrupt: a reset in place of FIN, and what is unsent is dropped.
    public func setResetOnClose() {
        var value = linger(l_onoff: 1, l_linger: 0)
        // SAFETY: owner: this frame; bound: the size is passed.
        _ = unsafe setsockopt(
            rawDescriptor, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
    }

    /// What went wrong on the socket since the last time it was asked; 0 if nothing.
    public func pendingError() -> CInt {
        var code: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        // SAFETY: owner: this frame; bound: the size is passed.
        _ = unsafe getsockopt(rawDescriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        return code
    }

    /// True exactly when a read would not block: bytes, the end, or an error.
    public func isReadableOrClosed() -> Bool {
        var byte: UInt8 = 0
        // SAFETY: owner: this frame; bound: one byte.
        let result = unsafe recv(
            rawDescriptor, &byte, 1, martlet_msg_peek())
        return result >= 0 || martlet_errno() != EAGAIN
    }

    /// The address that the socket is bound to.
    public func localAddress() -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        // SAFETY: owner: this frame; bound: the kernel is told the size and reports what it used.
        return unsafe withUnsafeMutableBytes(of: &storage) { bytes -> SocketAddress? in
            guard let base = bytes.baseAddress else { return nil }
            let raw = unsafe base.assumingMemoryBound(to: sockaddr.self)
            guard unsafe getsockname(rawDescriptor, raw, &length) == 0 else { return nil }
            return unsafe SocketAddress(raw, length: length)
        }
    }
}

/// What became of an attempt to accept.
public enum AcceptOutcome: ~Copyable {
    /// A connection, and the client's address.
    case accepted(Socket, SocketAddress)
    /// Nobody waits.
    case wouldBlock
    /// The process or the system has no descriptors (or no memory for sockets) left.
    case outOfDescriptors
    /// The connection failed before it was accepted; the value of `errno`.
    case failed(CInt)
}

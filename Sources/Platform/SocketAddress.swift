public import Bytes
internal import CLinux
internal import Glibc

/// Where a socket is bound or connected: an IP address and port, or a path.
public enum SocketAddress: Hashable, Sendable, CustomStringConvertible {
    /// An IPv4 address in host byte order.
    case ipv4(UInt32, port: UInt16)
    /// The upper and lower half of an IPv6 address in host byte order.
    case ipv6(UInt64, UInt64, port: UInt16)
    /// A path in the file system.
    case unix(String)

    /// Parses "127.0.0.1:80", "[::1]:80" or "unix:/path"; host names are not looked up.
    public init?(_ literal: String) {
        // The C library would read to the zero byte and call the rest an address.
        guard !literal.utf8.contains(0) else { return nil }
        if literal.hasPrefix("unix:") {
            let path = String(literal.dropFirst(5))
            guard !path.isEmpty, path.utf8.count < SocketAddress.longestPath else { return nil }
            self = .unix(path)
            return
        }
        guard let colon = literal.lastIndex(of: ":"),
            let port = SocketAddress.parsePort(literal[literal.index(after: colon)...])
        else { return nil }
        let host = literal[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            guard let halves = SocketAddress.parseIPv6(String(host.dropFirst().dropLast())) else {
                return nil
            }
            self = .ipv6(halves.0, halves.1, port: port)
        } else {
            guard let bits = SocketAddress.parseIPv4(String(host)) else { return nil }
            self = .ipv4(bits, port: port)
        }
    }

    /// Looks a host name up; blocks, so control threads only.
    ///
    /// - Throws: `SystemError` with the resolver's own text if the name has no address.
    public static func resolve(host: String, port: UInt16) throws(SystemError) -> [SocketAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = martlet_sock_stream()
        var list: UnsafeMutablePointer<addrinfo>?
        // SAFETY: owner: getaddrinfo's list, freed below; bound: the list ends with a null link.
        let result = unsafe getaddrinfo(host, nil, &hints, &list)
        guard result == 0 else {
            let text = unsafe gai_strerror(result).map { unsafe String(cString: $0) } ?? "unknown"
            throw SystemError(code: 0, operation: "resolve", subject: "\(host): \(text)")
        }
        defer { unsafe freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var entry = unsafe list
        while let current = unsafe entry {
            if let raw = unsafe current.pointee.ai_addr,
                let address = unsafe SocketAddress(raw, length: current.pointee.ai_addrlen)
            {
                found.append(address.with(port: port))
            }
            unsafe entry = current.pointee.ai_next
        }
        return found
    }

    /// "127.0.0.1:80", "[::1]:80" or "unix:/path".
    public var description: String {
        var queue = ByteQueue()
        if case .unix(let path) = self { return "unix:\(path)" }
        let isIPv6 = if case .ipv6 = self { true } else { false }
        if isIPv6 { queue.append("[") }
        appendHost(to: &queue)
        queue.append(isIPv6 ? "]:" : ":")
        queue.append(decimal: Int(port ?? 0))
        return String(copying: queue.bytes)
    }

    /// The port; nil for a path.
    public var port: UInt16? {
        switch self {
        case .ipv4(_, let port), .ipv6(_, _, let port): port
        case .unix: nil
        }
    }

    /// The same address with another port.
    public func with(port: UInt16) -> SocketAddress {
        switch self {
        case .ipv4(let bits, _): .ipv4(bits, port: port)
        case .ipv6(let upper, let lower, _): .ipv6(upper, lower, port: port)
        case .unix: self
        }
    }

    /// True exactly for a path of this machine, which all who connect to it share.
    public var isLocalPath: Bool {
        if case .unix = self { true } else { false }
    }

    /// What counts as one client where connections per client are bounded: an IPv4 address, or the
    /// /64 that one IPv6 customer gets.
    public var hostKey: AddressKey {
        switch self {
        case .ipv4(let bits, _): AddressKey(upper: 0xffff, lower: UInt64(bits))
        case .ipv6(let upper, _, _): AddressKey(upper: upper, lower: 0)
        case .unix: AddressKey(upper: 0, lower: 1)
        }
    }

    /// The network that the address belongs to, as far as one may show it: `192.0.2.0/24`,
    /// `2001:db8::/48`, or `unix:`.
    public var network: String {
        var text = ByteQueue()
        switch self {
        case .ipv4(let bits, _): SocketAddress.append(ipv4: bits & 0xffff_ff00, to: &text)
        case .ipv6(let upper, _, _):
            SocketAddress.append(ipv6: upper & 0xffff_ffff_ffff_0000, 0, to: &text)
        case .unix: return "unix:"
        }
        if case .ipv4 = self { text.append("/24") } else { text.append("/48") }
        return String(copying: text.bytes)
    }

    /// Appends the address without port: "127.0.0.1", "::1" (RFC 5952 §4), or "unix:".
    public func appendHost(to queue: inout ByteQueue) {
        switch self {
        case .ipv4(let bits, _): SocketAddress.append(ipv4: bits, to: &queue)
        case .ipv6(let upper, let lower, _): SocketAddress.append(ipv6: upper, lower, to: &queue)
        case .unix: queue.append("unix:")
        }
    }

    /// The longest path that fits a `sockaddr_un`, its terminator included.
    static let longestPath = 108
}

/// One client, as far as limits per client are concerned.
public struct AddressKey: Hashable, Sendable {
    let upper: UInt64
    let lower: UInt64
}

extension SocketAddress {
    private static func append(ipv4 bits: UInt32, to queue: inout ByteQueue) {
        for shift: UInt32 in [24, 16, 8, 0] {
            if shift < 24 { queue.append(".") }
            queue.append(decimal: Int(bits >> shift & 0xff))
        }
    }

    /// RFC 5952 §4: lower case, no leading zeros, the longest run of two or more zero groups as
    /// `::`.
    private static func append(ipv6 upper: UInt64, _ lower: UInt64, to queue: inout ByteQueue) {
        if upper == 0, lower >> 32 == 0xffff {
            queue.append("::ffff:")
            append(ipv4: UInt32(truncatingIfNeeded: lower), to: &queue)
            return
        }
        var bestStart = -1
        var bestLength = 1
        var index = 0
        while index < 8 {
            var length = 0
            while index + length < 8, group(upper, lower, index + length) == 0 { length += 1 }
            if length > bestLength { (bestStart, bestLength) = (index, length) }
            index += max(length, 1)
        }
        index = 0
        while index < 8 {
            if index == bestStart {
                queue.append("::")
                index += bestLength
                continue
            }
            if index > 0, index != bestStart + bestLength || bestStart < 0 { queue.append(":") }
            queue.append(hexadecimal: group(upper, lower, index))
            index += 1
        }
    }

    private static func group(_ upper: UInt64, _ lower: UInt64, _ index: Int) -> UInt64 {
        (index < 4 ? upper : lower) >> UInt64((3 - index & 3) * 16) & 0xffff
    }

    /// Digits only; the number's own parser would take a sign.
    private static func parsePort(_ text: Substring) -> UInt16? {
        text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 } ? UInt16(text) : nil
    }

    private static func parseIPv4(_ text: String) -> UInt32? {
        var address = in_addr()
        // SAFETY: owner: this frame; the library fills in one in_addr.
        guard unsafe inet_pton(AF_INET, text, &address) == 1 else { return nil }
        return UInt32(bigEndian: address.s_addr)
    }

    private static func parseIPv6(_ text: String) -> (UInt64, UInt64)? {
        var address = in6_addr()
        // SAFETY: owner: this frame; the library fills in one in6_addr.
        guard unsafe inet_pton(AF_INET6, text, &address) == 1 else { return nil }
        return halves(address)
    }

    private static func halves(_ address: in6_addr) -> (UInt64, UInt64) {
        // SAFETY: owner: this frame; bound: an in6_addr is 16 bytes.
        unsafe withUnsafeBytes(of: address) { bytes in
            let upper = unsafe bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
            let lower = unsafe bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            return (UInt64(bigEndian: upper), UInt64(bigEndian: lower))
        }
    }

    // SAFETY: the caller passes an address of `length` bytes that stays where it is during the
    // call.
    init?(_ raw: UnsafePointer<sockaddr>, length: socklen_t) {
        let bytes = unsafe UnsafeRawBufferPointer(start: raw, count: Int(length))
        guard bytes.count >= MemoryLayout<sa_family_t>.size else { return nil }
        switch unsafe CInt(raw.pointee.sa_family) {
        case AF_INET where bytes.count >= MemoryLayout<sockaddr_in>.size:
            let value = unsafe bytes.loadUnaligned(as: sockaddr_in.self)
            self = .ipv4(
                UInt32(bigEndian: value.sin_addr.s_addr), port: UInt16(bigEndian: value.sin_port))
        case AF_INET6 where bytes.count >= MemoryLayout<sockaddr_in6>.size:
            let value = unsafe bytes.loadUnaligned(as: sockaddr_in6.self)
            let (upper, lower) = SocketAddress.halves(value.sin6_addr)
            self = .ipv6(upper, lower, port: UInt16(bigEndian: value.sin6_port))
        case AF_UNIX:
            let path = unsafe bytes.dropFirst(MemoryLayout<sa_family_t>.size).prefix { $0 != 0 }
            self = unsafe .unix(String(decoding: path, as: UTF8.self))
        default:
            return nil
        }
    }

    /// Calls `body` with this address in the kernel's form.
    // SAFETY: the pointer is valid during the call only; its memory is this frame's.
    func withRaw<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var storage = sockaddr_storage()
        // SAFETY: bound: a sockaddr_storage holds every form; `longestPath` is checked when a path
        // is parsed.
        return unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            let length = unsafe fill(bytes)
            guard let base = bytes.baseAddress else {
                preconditionFailure("a variable has an address")
            }
            return unsafe body(UnsafePointer(base.assumingMemoryBound(to: sockaddr.self)), length)
        }
    }

    private func fill(_ bytes: UnsafeMutableRawBufferPointer) -> socklen_t {
        switch self {
        case .ipv4(let bits, let port):
            var value = sockaddr_in()
            value.sin_family = sa_family_t(AF_INET)
            value.sin_port = port.bigEndian
            value.sin_addr.s_addr = bits.bigEndian
            unsafe bytes.storeBytes(of: value, as: sockaddr_in.self)
            return socklen_t(MemoryLayout<sockaddr_in>.size)
        case .ipv6(let upper, let lower, let port):
            var value = sockaddr_in6()
            value.sin6_family = sa_family_t(AF_INET6)
            value.sin6_port = port.bigEndian
            // SAFETY: owner: this frame; bound: an in6_addr is 16 bytes.
            unsafe withUnsafeMutableBytes(of: &value.sin6_addr) { address in
                unsafe address.storeBytes(of: upper.bigEndian, toByteOffset: 0, as: UInt64.self)
                unsafe address.storeBytes(of: lower.bigEndian, toByteOffset: 8, as: UInt64.self)
            }
            unsafe bytes.storeBytes(of: value, as: sockaddr_in6.self)
            return socklen_t(MemoryLayout<sockaddr_in6>.size)
        case .unix(let path):
            unsafe bytes.storeBytes(of: sa_family_t(AF_UNIX), as: sa_family_t.self)
            var offset = MemoryLayout<sa_family_t>.size
            for byte in path.utf8.prefix(SocketAddress.longestPath - 1) {
                unsafe bytes[offset] = byte
                offset += 1
            }
            return socklen_t(offset + 1)
        }
    }
}

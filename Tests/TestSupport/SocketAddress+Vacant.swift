import Glibc
public import Platform

extension SocketAddress {
    /// An address of this host that refuses connections until a test's server listens there, and
    /// again when that has ended.
    ///
    /// A socket stays bound to it until the process ends. One that does not listen keeps no server
    /// from it that sets `SO_REUSEADDR`, as all do; but the kernel gives the port to nobody else,
    /// neither to a connection of another test nor to its server.
    public static func vacant() throws -> SocketAddress {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        // SAFETY: owner: this frame; bound: the sizes are passed.
        var isReused: CInt = 1
        let size = socklen_t(MemoryLayout<CInt>.size)
        guard descriptor >= 0,
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isReused, size) == 0
        else { throw TestFailure("no socket: \(errno)") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let isBound = unsafe withUnsafeMutableBytes(of: &address) { bytes in
            guard let base = bytes.baseAddress else { return false }
            let raw = unsafe base.assumingMemoryBound(to: sockaddr.self)
            var length = socklen_t(bytes.count)
            return unsafe bind(descriptor, raw, length) == 0
                && getsockname(descriptor, raw, &length) == 0
        }
        guard isBound else { throw TestFailure("no port: \(errno)") }
        return .ipv4(0x7f00_0001, port: UInt16(bigEndian: address.sin_port))
    }

    /// The port of such an address.
    public static func vacantPort() throws -> UInt16 {
        guard let port = try vacant().port else { throw TestFailure("no port") }
        return port
    }
}

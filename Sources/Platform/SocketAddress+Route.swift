internal import CLinux
internal import Glibc

extension SocketAddress {
    /// True exactly when the kernel knows a way to the address; nothing is sent.
    var hasRoute: Bool {
        let family: CInt
        switch self {
        case .ipv4: family = AF_INET
        case .ipv6: family = AF_INET6
        case .unix: return true
        }
        let raw = socket(family, martlet_sock_datagram() | martlet_sock_cloexec(), 0)
        guard raw >= 0 else { return false }
        let descriptor = Descriptor(owning: raw)
        let target = port == 0 ? with(port: 9) : self
        // SAFETY: owner: `withRaw`'s frame, for the call, which copies the address.
        return unsafe target.withRaw { unsafe connect(descriptor.rawValue, $0, $1) } == 0
    }
}

public import Platform
import Synchronization

extension SocketAddress {
    /// An address that refuses connections until a test serves there: no client and no server of
    /// another test ever comes by it, since its host is its own.
    public static func vacant() throws -> SocketAddress {
        let number = vacancies.withLock { count in
            count += 1
            return count
        }
        let socket = try Socket.listen(
            on: .ipv4(0x7f4d_0000 + number, port: 0), reusePort: false, backlog: 1)
        guard let address = socket.localAddress() else { throw TestFailure("no address") }
        return address
    }
}

private let vacancies = Mutex<UInt32>(0)

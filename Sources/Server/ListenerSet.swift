internal import Bytes
internal import Platform
internal import Proxy

/// The listening sockets: for each address one socket for each worker (`SO_REUSEPORT`), so that the
/// kernel spreads connections and no worker waits for another.
///
/// Control thread only.
struct ListenerSet {
    /// Where a listener stands.
    struct Address: Equatable {
        /// The address as configured.
        let configured: SocketAddress
        /// The address as bound.
        let bound: SocketAddress
    }

    /// The sockets of one address, one for each worker.
    struct Group {
        let address: Address
        let sockets: [ListenerSocket]

        /// The address as bound.
        var bound: SocketAddress { address.bound }
    }

    /// What is open, in the order of the configuration.
    private(set) var groups: [Group] = []

    /// Opens what `addresses` names and is not open yet, all or nothing, and returns the set that
    /// results.
    ///
    /// - Throws: the address that cannot be listened on, and why; nothing that was open is touched.
    func opening(
        _ addresses: [SocketAddress], workers: Int, backlog: Int
    ) throws(SystemError) -> ListenerSet {
        var result = ListenerSet()
        for address in addresses {
            if let open = groups.first(where: { $0.address.configured == address }) {
                result.groups.append(open)
            } else {
                result.groups.append(
                    try ListenerSet.open(address, workers: workers, backlog: backlog))
            }
        }
        return result
    }

    /// The sockets of one worker, in the order of the addresses.
    func sockets(of worker: Int) -> [ListenerSocket] {
        groups.map { $0.sockets[worker] }
    }

    private static func open(
        _ address: SocketAddress, workers: Int, backlog: Int
    ) throws(SystemError) -> Group {
        // With SO_REUSEPORT the kernel would let a second instance share the port without a word.
        if Socket.isTaken(address) {
            throw SystemError.addressInUse("\(address)")
        }
        var bound = address
        var sockets: [ListenerSocket] = []
        if case .unix = address {
            let socket = try Socket.listen(
                on: address, reusePort: false, backlog: CInt(clamping: backlog))
            let shared = ListenerSocket(socket, address: address)
            return Group(
                address: Address(configured: address, bound: address),
                sockets: Array(repeating: shared, count: workers))
        }
        for _ in 0..<workers {
            let socket = try Socket.listen(
                on: bound, reusePort: true, backlog: CInt(clamping: backlog))
            bound = socket.localAddress() ?? bound
            sockets.append(ListenerSocket(socket, address: bound))
        }
        return Group(address: Address(configured: address, bound: bound), sockets: sockets)
    }
}

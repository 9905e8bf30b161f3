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
        /// Removed with the last reference to the group.
        let file: SocketFile?

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
        // Port 0 may stand for several sockets: each is kept for one entry.
        var kept = groups
        for address in addresses {
            if let index = kept.firstIndex(where: { $0.address.configured == address }) {
                result.groups.append(kept.remove(at: index))
            } else {
                try check(address, besides: groups + result.groups)
                result.groups.append(
                    try ListenerSet.open(address, workers: workers, backlog: backlog))
            }
        }
        return result
    }

    /// With `SO_REUSEPORT` the kernel would let a second instance share the port without a word.
    ///
    /// - Throws: the address, if another process listens there.
    private func check(_ address: SocketAddress, besides own: [Group]) throws(SystemError) {
        // One for all addresses and one for a single address may stand side by side.
        let overlaps = own.contains { $0.bound.overlaps(address) }
        if !overlaps, Socket.isTaken(address) { throw .addressInUse("\(address)") }
    }

    /// The sockets of one worker, in the order of the addresses.
    func sockets(of worker: Int) -> [ListenerSocket] {
        groups.map { $0.sockets[worker] }
    }

    private static func open(
        _ address: SocketAddress, workers: Int, backlog: Int
    ) throws(SystemError) -> Group {
        var bound = address
        var sockets: [ListenerSocket] = []
        if case .unix = address {
            let socket = try Socket.listen(
                on: address, reusePort: false, backlog: CInt(clamping: backlog))
            let shared = ListenerSocket(socket, address: address)
            return Group(
                address: Address(configured: address, bound: address),
                sockets: Array(repeating: shared, count: workers), file: SocketFile(address))
        }
        for _ in 0..<workers {
            let socket = try Socket.listen(
                on: bound, reusePort: true, backlog: CInt(clamping: backlog))
            bound = socket.localAddress() ?? bound
            sockets.append(ListenerSocket(socket, address: bound))
        }
        return Group(
            address: Address(configured: address, bound: bound), sockets: sockets,
            file: nil)
    }
}

extension SocketAddress {
    /// True exactly when two sockets on these addresses need `SO_REUSEPORT` to stand side by side:
    /// the ports are equal, and the addresses too or one of them stands for all of its family.
    func overlaps(_ other: SocketAddress) -> Bool {
        switch (self, other) {
        case (.ipv4(let left, port: let port), .ipv4(let right, port: let otherPort)):
            port == otherPort && port != 0 && (left == right || left == 0 || right == 0)
        case (.ipv6(_, _, port: let port), .ipv6(_, _, port: let otherPort)):
            port == otherPort && port != 0 && (self == other || isAnyIPv6 || other.isAnyIPv6)
        default: false
        }
    }

    private var isAnyIPv6: Bool {
        guard case .ipv6(0, 0, port: _) = self else { return false }
        return true
    }
}

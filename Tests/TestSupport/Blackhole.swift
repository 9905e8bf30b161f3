public import Platform

/// An address that takes no connection, and refuses none: its queue is full, and nobody accepts.
public final class Blackhole: Sendable {
    /// Where it is.
    public let address: SocketAddress
    private let full: Socket
    private let first: Socket
    private let second: Socket

    /// Opens one.
    public init(at wanted: SocketAddress = .ipv4(0x7f00_0001, port: 0)) throws {
        full = try Socket.listen(on: wanted, reusePort: false, backlog: 0)
        let bound = full.localAddress()
        guard let address = bound else { throw TestFailure("no address") }
        self.address = address
        first = try Socket.connect(to: address)
        second = try Socket.connect(to: address)
    }
}

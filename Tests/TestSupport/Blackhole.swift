import Foundation
public import Platform

/// An address that takes no connection, and refuses none: its queue is full, and nobody accepts.
///
/// Once it is let go, the address refuses.
public final class Blackhole: @unchecked Sendable {
    /// Where it is.
    public let address: SocketAddress
    private let full: Socket
    private let first: Socket
    private let second: Socket
    private let ending = AtomicFlag()

    /// Opens one.
    public init(at wanted: SocketAddress = .ipv4(0x7f00_0001, port: 0)) throws {
        full = try Socket.listen(on: wanted, reusePort: false, backlog: 0)
        let bound = full.localAddress()
        guard let address = bound else { throw TestFailure("no address") }
        self.address = address
        first = try Socket.connect(to: address)
        second = try Socket.connect(to: address)
    }

    deinit { ending.set() }

    /// Takes connections from now on, those that were tried before with the rest, and runs `script`
    /// for each on a thread of its own.
    public func open(_ script: @escaping @Sendable (OriginConnection) throws -> Void) {
        let thread = Foundation.Thread { [weak self] in
            while let self, !self.ending.isSet { self.acceptOne(script) }
        }
        thread.start()
    }

    private func acceptOne(_ script: @escaping @Sendable (OriginConnection) throws -> Void) {
        guard Poll.wait([full.rawDescriptor], timeout: .milliseconds(50)).first == true,
            case .accepted(let socket, _) = full.accept()
        else { return }
        OriginConnection.serve(socket, number: 0, script) { _ in }
    }
}

import Testing

@testable import Proxy

@Suite("ConnectionPhase")
struct ConnectionPhaseTests {
    static let all: [ConnectionPhase] = [
        .proxyProtocol, .handshaking, .http1, .tunnel, .closing, .closed,
    ]

    /// The arrows of the diagram, and nothing else.
    static let arrows: [(from: ConnectionPhase, to: [ConnectionPhase])] = [
        (.proxyProtocol, [.handshaking, .http1, .closed]),
        (.handshaking, [.http1, .closing, .closed]),
        (.http1, [.tunnel, .closing, .closed]),
        (.tunnel, [.closing, .closed]),
        (.closing, [.closed]),
        (.closed, []),
    ]

    @Test("A phase leads where the diagram has an arrow, and nowhere else", arguments: arrows)
    func leads(from: ConnectionPhase, to: [ConnectionPhase]) {
        #expect(ConnectionPhaseTests.all.filter { from.allows($0) } == to)
    }
}

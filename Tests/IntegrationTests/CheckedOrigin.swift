import Foundation
import Platform
import Synchronization
import TestSupport

/// A backend whose health the test decides: `/health` as told, everything else with its name.
final class CheckedOrigin: Sendable {
    /// What it does with a request.
    enum Mode: Sendable {
        case well
        /// Answers so.
        case answers(String)
        /// Reads, and says nothing.
        case hangs
        /// Reads, and closes.
        case closes
        /// Reads, and resets.
        case resets
    }

    private final class State: Sendable {
        let health = Mutex(Mode.well)
        let traffic = Mutex(Mode.well)
        let checks = Mutex(0)
        let requests = Mutex(0)
        let lastCheck = Mutex("")
    }

    let name: String
    private let state: State
    private let origin: Origin

    init(_ name: String, at address: SocketAddress = .ipv4(0x7f00_0001, port: 0)) throws {
        self.name = name
        let state = State()
        self.state = state
        origin = try Origin(at: address) { connection in
            while let head = connection.readHead() {
                let isCheck = head.contains(" /health")
                let mode = isCheck ? state.health.withLock(\.self) : state.traffic.withLock(\.self)
                if isCheck {
                    state.checks.withLock { $0 += 1 }
                    state.lastCheck.withLock { $0 = head }
                } else {
                    state.requests.withLock { $0 += 1 }
                }
                switch mode {
                case .well:
                    connection.send(
                        "HTTP/1.1 200 OK\r\nContent-Length: \(name.utf8.count)\r\n\r\n\(name)")
                case .answers(let text): connection.send(text)
                case .hangs:
                    _ = connection.readToEnd()
                    return
                case .closes: return
                case .resets:
                    connection.reset()
                    return
                }
            }
        }
    }

    var address: SocketAddress { origin.address }
    /// How often it was asked whether it is well.
    var checks: Int { state.checks.withLock(\.self) }
    /// How many other requests came.
    var requests: Int { state.requests.withLock(\.self) }
    /// The head of the last check.
    var lastCheck: String { state.lastCheck.withLock(\.self) }
    /// How many connections came.
    var connections: Int { origin.connectionCount }

    /// Decides how it is.
    func health(_ mode: Mode) { state.health.withLock { $0 = mode } }

    /// Decides how it serves.
    func traffic(_ mode: Mode) { state.traffic.withLock { $0 = mode } }

    /// An answer without a body.
    static func status(_ code: Int) -> Mode {
        .answers("HTTP/1.1 \(code) Told\r\nContent-Length: 0\r\n\r\n")
    }
}

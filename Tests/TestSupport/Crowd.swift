import Foundation

/// Many keep-alive clients that ask again and again until they are stopped.
public final class Crowd: @unchecked Sendable {
    private let lock = NSLock()
    private var requests = 0
    private var failures: [String] = []
    private let stopping = AtomicFlag()
    private let group = DispatchGroup()

    /// Starts the clients; each has a connection of its own, and all have had an answer when this
    /// returns.
    public init(_ martlet: MartletInstance, clients: Int, path: String = "/") throws {
        let started = DispatchSemaphore(value: 0)
        for _ in 0..<clients {
            group.enter()
            let thread = Foundation.Thread { [self] in
                run(martlet, path, started)
                group.leave()
            }
            thread.stackSize = 1 << 19
            thread.start()
        }
        for _ in 0..<clients {
            guard started.wait(timeout: .now() + 30) == .success else {
                stopping.set()
                let first = lock.withLock { failures.prefix(3) }
                throw TestFailure("the clients did not start: \(first)")
            }
        }
    }

    private func run(_ martlet: MartletInstance, _ path: String, _ started: DispatchSemaphore) {
        var isFirst = true
        do {
            let peer = try martlet.connect()
            while true {
                try peer.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n")
                let reply = try peer.reply()
                guard reply.status == 200 else { throw TestFailure(reply.line) }
                lock.withLock { requests += 1 }
                if isFirst { started.signal() }
                isFirst = false
                if stopping.isSet { return }
            }
        } catch {
            lock.withLock { failures.append("\(error)") }
            if isFirst { started.signal() }
        }
    }

    /// Lets each client end its request, and returns what came of all.
    public func stop() -> (requests: Int, failures: [String]) {
        stopping.set()
        group.wait()
        return (requests, failures)
    }
}

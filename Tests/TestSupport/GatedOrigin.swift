import Dispatch
public import Platform
import Synchronization

/// A server that answers each request when a test lets it, by the request's path.
public final class GatedOrigin: Sendable {
    /// Where it is, and what it was asked.
    public let origin: Origin
    private let open: DispatchSemaphore

    /// Starts the server.
    ///
    /// - Parameter dropped: the path of a request in place of whose first answer it closes.
    public init(dropping dropped: String? = nil) throws {
        let open = DispatchSemaphore(value: 0)
        let drops = Mutex(dropped)
        self.open = open
        origin = try Origin { connection in
            while let request = connection.readHead() {
                open.wait()
                let path = String(request.split(separator: " ")[1])
                let isDropped = drops.withLock { drop in
                    guard drop == path else { return false }
                    drop = nil
                    return true
                }
                if isDropped { return }
                connection.send(
                    "HTTP/1.1 200 OK\r\nContent-Length: \(path.utf8.count)\r\n\r\n\(path)")
            }
        }
    }

    /// Where it listens.
    public var address: SocketAddress { origin.address }

    /// Lets it answer so many requests.
    public func letGo(_ count: Int = 1) {
        for _ in 0..<count { open.signal() }
    }

    /// The paths of the requests, in the order in which they came.
    public var paths: [String] { origin.heads.map { String($0.split(separator: " ")[1]) } }

    /// Waits until so many requests have come.
    public func wait(_ count: Int) throws {
        let deadline = MonotonicTime.now() + .seconds(30)
        while paths.count < count {
            guard MonotonicTime.now() < deadline else {
                throw TestFailure("\(paths), not \(count) requests")
            }
            _ = Poll.wait([], timeout: .milliseconds(5))
        }
    }
}

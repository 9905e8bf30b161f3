import Dispatch
import TestSupport

/// A server that answers each request when a test lets it, by the request's path.
final class GatedOrigin: Sendable {
    /// Where it is, and what it was asked.
    let origin: Origin
    private let open: DispatchSemaphore

    /// Starts the server.
    init() throws {
        let open = DispatchSemaphore(value: 0)
        self.open = open
        origin = try Origin { connection in
            while let request = connection.readHead() {
                open.wait()
                let path = request.split(separator: " ")[1]
                connection.send(
                    head("HTTP/1.1 200 OK", "Content-Length: \(path.utf8.count)") + path)
            }
        }
    }

    /// Lets it answer one request.
    func letOne() { open.signal() }

    /// The paths of the requests that came.
    var paths: [String] { origin.heads.map { String($0.split(separator: " ")[1]) } }

    /// Waits until so many requests have come.
    func wait(_ count: Int) throws {
        try Deadline.wait("\(count) requests, not \(paths)") { paths.count == count }
    }
}

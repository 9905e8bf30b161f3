internal import Config
internal import HTTP

/// How many requests and connections a server has, and may have.
extension UpstreamPool {
    /// True exactly when the server may be given another request: there is a connection for it, or
    /// one may be opened.
    var hasRoom: Bool { hasRequestRoom && hasConnectionRoom }

    /// True exactly when another request may be under way.
    var hasRequestRoom: Bool { outstanding < limits.requests ?? .max }

    /// True exactly when a request finds a connection.
    private var hasConnectionRoom: Bool {
        guard let limit = limits.connections else { return true }
        return connectionCount < limit || !idle.isEmpty || !owned.isEmpty
            || share(limit: streamsPerConnection, .any) != nil
    }

    /// True exactly when another connection may be opened.
    var mayConnect: Bool { connectionCount < limits.connections ?? .max }

    /// How many connections there are; those that begin no stream any more hold up nobody.
    private var connectionCount: Int { load.openCount - load.leavingCount }
}

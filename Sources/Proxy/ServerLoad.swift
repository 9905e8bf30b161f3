internal import Platform
internal import Telemetry

/// What one worker has under way to one server, over all the pools that reloads have made of it: a
/// new one comes with other terms of TLS, and the machine is the same. Worker only.
final class ServerLoad {
    /// What tells a machine from others, whatever is spoken with it.
    struct Key: Hashable {
        let address: SocketAddress
        let label: ServerLabel
    }

    /// How many requests are under way to the server, on whatever connections.
    var outstanding = 0
    /// How many connections are open or being opened.
    var openCount = 0
    /// How many of them are shared and begin no stream any more.
    var leavingCount = 0
    /// What counts the requests to all servers of the backend.
    var group: GroupLoad?

    /// True exactly when something of it is still to end.
    var isInUse: Bool { outstanding > 0 || openCount > 0 }
}

extension ServerPlan {
    /// Which machine it is.
    var loadKey: ServerLoad.Key { ServerLoad.Key(address: address, label: label) }
}

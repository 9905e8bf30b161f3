internal import Config
internal import Proxy

extension SnapshotBuilder {
    /// Puts into the plans of servers what is known of their health, for workers that have not met
    /// them yet, and when workers report them.
    func withHealth(_ group: UpstreamGroup, _ backend: BackendConfig) -> UpstreamGroup {
        var group = group
        for index in group.servers.indices {
            group.servers[index].outliers = backend.outliers
            if let standings {
                group.servers[index].standing = standings.standing(of: group.servers[index].label)
            }
        }
        return group
    }
}

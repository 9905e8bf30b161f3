internal import Platform
internal import Telemetry

/// One server that is looked after.
struct HealthSubject: Sendable, Equatable {
    let label: ServerLabel
    let backend: String
    /// As configured, for logs.
    let name: String
    let address: SocketAddress
    /// What it is asked as where its name is not that.
    var host: String?
}

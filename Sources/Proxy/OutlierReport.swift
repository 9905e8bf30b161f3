public import Telemetry

/// What a worker tells the control plane of a server that fails requests.
public struct OutlierReport: Sendable, Equatable {
    /// The server.
    public let server: ServerLabel
    /// By which rule it is one.
    public let cause: EjectionCause
    /// How many requests failed.
    public let failures: Int
    /// Of how many.
    public let requests: Int

    /// Reports a server.
    public init(server: ServerLabel, cause: EjectionCause, failures: Int, requests: Int) {
        self.server = server
        self.cause = cause
        self.failures = failures
        self.requests = requests
    }
}

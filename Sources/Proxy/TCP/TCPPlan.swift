public import Telemetry

/// Where the bytes of a TCP site, or of a listener that serves nothing else, go to.
public struct TCPPlan: Sendable {
    /// The name in logs.
    public let name: String
    /// The metrics label.
    public let label: SiteLabel
    /// The index of the backend.
    public let group: Int

    /// Describes it.
    public init(name: String, label: SiteLabel, group: Int) {
        self.name = name
        self.label = label
        self.group = group
    }
}

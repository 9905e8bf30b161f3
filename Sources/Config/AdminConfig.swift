/// Where metrics, health, status and commands are served.
public struct AdminConfig: Sendable, Equatable {
    /// The one address of the admin endpoint.
    public var address: AddressConfig

    /// Makes the value; what is left out has its default.
    public init(
        address: AddressConfig = .ip(host: "127.0.0.1", port: 9180)
    ) {
        self.address = address
    }
}

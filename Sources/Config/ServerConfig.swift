/// One server of a backend.
public struct ServerConfig: Sendable, Equatable {
    /// Where the server listens.
    public var address: AddressConfig

    /// The address as the operator wrote it, for logs and metrics.
    public var text: String

    /// Makes the value; what is left out has its default.
    public init(
        address: AddressConfig,
        text: String
    ) {
        self.address = address
        self.text = text
    }
}

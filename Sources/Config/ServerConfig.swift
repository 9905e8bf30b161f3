/// One server of a backend.
public struct ServerConfig: Sendable, Equatable {
    /// Where the server listens.
    public var address: AddressConfig

    /// The address as the operator wrote it, for logs and metrics.
    public var text: String

    /// Where the server is named, for diagnostics.
    public var mark: SourceMark

    /// Makes the value; what is left out has its default.
    public init(
        address: AddressConfig,
        text: String,
        mark: SourceMark = SourceMark()
    ) {
        self.address = address
        self.text = text
        self.mark = mark
    }
}

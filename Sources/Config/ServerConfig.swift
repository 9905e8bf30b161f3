/// One server of a backend.
public struct ServerConfig: Sendable, Equatable {
    /// Where the server listens.
    public var address: AddressConfig

    /// The address as the operator wrote it, for logs and metrics.
    public var text: String

    /// How many requests it gets beside others, 1 to 256; 0 where it takes nobody new.
    public var weight: Int

    /// True exactly when it is used only where no other server accepts requests.
    public var isBackup: Bool

    /// Where the server is named, for diagnostics.
    public var mark: SourceMark

    /// Makes the value; what is left out has its default.
    public init(
        address: AddressConfig,
        text: String,
        weight: Int = 1,
        isBackup: Bool = false,
        mark: SourceMark = SourceMark()
    ) {
        self.address = address
        self.text = text
        self.weight = weight
        self.isBackup = isBackup
        self.mark = mark
    }
}

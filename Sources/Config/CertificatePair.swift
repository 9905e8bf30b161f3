/// The files of one certificate: the chain, leaf first, and its private key, both PEM.
public struct CertificatePair: Sendable, Equatable {
    /// The path of the chain; relative only where the path of the configuration file is.
    public var chain: String

    /// The path of the key; relative only where the path of the configuration file is.
    public var key: String

    /// Where the chain stands in the configuration.
    public var chainMark: SourceMark

    /// Where the key stands in the configuration.
    public var keyMark: SourceMark

    /// Makes the value; what is left out has its default.
    public init(
        chain: String,
        key: String,
        chainMark: SourceMark = SourceMark(),
        keyMark: SourceMark = SourceMark()
    ) {
        self.chain = chain
        self.key = key
        self.chainMark = chainMark
        self.keyMark = keyMark
    }
}

/// The files of one certificate: the chain, leaf first, and its private key, both PEM.
public struct CertificatePair: Sendable, Equatable {
    /// The path of the chain; relative only where the path of the configuration file is.
    public var chain: String

    /// The path of the key; relative only where the path of the configuration file is.
    public var key: String

    /// The path of a file whose first line is the key's passphrase; nil for a key without one.
    public var passphraseFile: String?

    /// Where the chain stands in the configuration.
    public var chainMark: SourceMark

    /// Where the key stands in the configuration.
    public var keyMark: SourceMark

    /// Where the file of the passphrase stands in the configuration.
    public var passphraseMark: SourceMark

    /// Every file of the pair.
    public var files: [String] { [chain, key] + (passphraseFile.map { [$0] } ?? []) }

    /// Makes the value; what is left out has its default.
    public init(
        chain: String,
        key: String,
        passphraseFile: String? = nil,
        chainMark: SourceMark = SourceMark(),
        keyMark: SourceMark = SourceMark(),
        passphraseMark: SourceMark = SourceMark()
    ) {
        self.chain = chain
        self.key = key
        self.passphraseFile = passphraseFile
        self.chainMark = chainMark
        self.keyMark = keyMark
        self.passphraseMark = passphraseMark
    }
}

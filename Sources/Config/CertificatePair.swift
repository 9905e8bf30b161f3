/// The files of one certificate: the chain, leaf first, and its private key, both PEM.
public struct CertificatePair: Sendable, Equatable {
    /// The path of the chain; relative only where the path of the configuration file is.
    public var chain: String

    /// The path of the key; relative only where the path of the configuration file is.
    public var key: String

    /// The path of an OCSP response in DER that is sent in place of fetched ones; nil to fetch.
    public var ocspResponse: String?

    /// What happens to a certificate that promises a staple where there is none.
    public var mustStaple: MustStaple

    /// The path of a file whose first line is the key's passphrase; nil for a key without one.
    public var passphraseFile: String?

    /// Where the chain stands in the configuration.
    public var chainMark: SourceMark

    /// Where the key stands in the configuration.
    public var keyMark: SourceMark

    /// Where the OCSP response stands in the configuration; of no meaning where there is none.
    public var ocspResponseMark: SourceMark

    /// What happens to a certificate that promises a staple (RFC 7633) where there is none.
    public enum MustStaple: String, Sendable, CaseIterable {
        /// It is not loaded.
        case enforce
        /// It is loaded all the same.
        case ignore
    }

    /// Where the file of the passphrase stands in the configuration.
    public var passphraseMark: SourceMark

    /// Every file of the pair.
    public var files: [String] { [chain, key] + (passphraseFile.map { [$0] } ?? []) }

    /// Makes the value; what is left out has its default.
    public init(
        chain: String,
        key: String,
        ocspResponse: String? = nil,
        mustStaple: MustStaple = .enforce,
        passphraseFile: String? = nil,
        chainMark: SourceMark = SourceMark(),
        keyMark: SourceMark = SourceMark(),
        ocspResponseMark: SourceMark = SourceMark(),
        passphraseMark: SourceMark = SourceMark()
    ) {
        self.chain = chain
        self.key = key
        self.ocspResponse = ocspResponse
        self.mustStaple = mustStaple
        self.passphraseFile = passphraseFile
        self.chainMark = chainMark
        self.keyMark = keyMark
        self.ocspResponseMark = ocspResponseMark
        self.passphraseMark = passphraseMark
    }
}

/// How TLS is spoken with the servers of a backend.
public struct BackendTLSConfig: Sendable, Equatable {
    /// The name that the servers' certificates are for; nil for that of each server's address.
    public var serverName: String?

    /// The authorities that are trusted, PEM; nil for those of the system.
    public var ca: FileReference?

    /// Files of revocation lists, PEM or DER; with any, every authority of a chain needs one.
    public var crl: [FileReference]

    /// What is shown to servers that ask for a certificate; nil for nothing.
    public var certificate: CertificatePair?

    /// The keys of which a server must have one, as `sha256/` and Base64; empty where any will do.
    public var pins: [MarkedText]

    /// The versions that are offered; nil for all.
    public var versions: [TLSOffer.Version]?

    /// Whether a server's certificate has to be good.
    public var verifies: Bool

    /// Where `tls` stands in the file.
    public var mark: SourceMark

    /// True exactly when a server's certificate has to be for the host that the server is listed
    /// by.
    public var needsHosts: Bool { verifies && serverName == nil }

    /// Every file that this names.
    public var files: [String] {
        (ca.map { [$0.path] } ?? []) + crl.map(\.path) + (certificate?.files ?? [])
    }

    /// Makes the value; what is left out has its default.
    public init(
        serverName: String? = nil, ca: FileReference? = nil, crl: [FileReference] = [],
        certificate: CertificatePair? = nil, pins: [MarkedText] = [],
        versions: [TLSOffer.Version]? = nil, verifies: Bool = true,
        mark: SourceMark = SourceMark()
    ) {
        self.serverName = serverName
        self.ca = ca
        self.crl = crl
        self.certificate = certificate
        self.pins = pins
        self.versions = versions
        self.verifies = verifies
        self.mark = mark
    }
}

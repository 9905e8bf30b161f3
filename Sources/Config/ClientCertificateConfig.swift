/// Whose certificates a site asks its clients for, and who of them may come.
public struct ClientCertificateConfig: Sendable, Equatable {
    /// What happens to a client without a certificate.
    public enum Mode: String, Sendable, CaseIterable {
        /// It is served all the same, unless `allow` says who may come.
        case optional
        /// Its handshake fails.
        case required
    }

    /// What happens to a client without a certificate.
    public var mode: Mode

    /// The certificates of the authorities that are trusted, PEM.
    public var ca: FileReference

    /// How many certificates may stand between the client's and that of an authority.
    public var depth: Int

    /// Files of revocation lists, PEM or DER; with any, every authority of a chain needs one.
    public var crl: [FileReference]

    /// Who may come: subjects and alternative names; everybody with a certificate where empty.
    public var allow: [String]

    /// Every file that this names.
    public var files: [String] { [ca.path] + crl.map(\.path) }

    /// Makes the value; what is left out has its default.
    public init(
        mode: Mode = .required,
        ca: FileReference,
        depth: Int = 2,
        crl: [FileReference] = [],
        allow: [String] = []
    ) {
        self.mode = mode
        self.ca = ca
        self.depth = depth
        self.crl = crl
        self.allow = allow
    }
}

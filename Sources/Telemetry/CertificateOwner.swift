/// Who shows a certificate, or refuses by a revocation list.
public enum CertificateOwner: Sendable, Hashable {
    /// A site, to its clients.
    case site(String)
    /// A backend, to its servers.
    case backend(String)

    /// What events and metrics call its kind.
    public var kind: StaticString {
        switch self {
        case .site: "site"
        case .backend: "backend"
        }
    }

    /// Its name.
    public var name: String {
        switch self {
        case .site(let name), .backend(let name): name
        }
    }

    /// Sites come before backends, each in the order of their names.
    var order: (Int, String) {
        switch self {
        case .site(let name): (0, name)
        case .backend(let name): (1, name)
        }
    }
}

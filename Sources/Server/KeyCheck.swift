internal import Config
internal import TLS

/// Finds sites whose keys fit nothing that is negotiated for them: their handshakes would fail, and
/// only clients would notice.
struct KeyCheck {
    /// What is missing at one site.
    private struct Lack {
        /// True exactly when some client can shake hands through some listener.
        var isServed = false
        /// The versions without a key, and the listener that speaks them.
        var versions: [(version: TLSVersion, listener: SourceMark)] = []
    }

    private let config: ProxyConfig
    private let hosts: CredentialStore
    private let file: String
    private var lacks: [Int: Lack] = [:]

    /// Begins with a configuration and the sites that it came to.
    init(_ config: ProxyConfig, hosts: CredentialStore, file: String) {
        self.config = config
        self.hosts = hosts
        self.file = file
    }

    /// Looks at every site through one listener.
    mutating func look(
        _ listener: ListenerConfig, policy: TLSPolicy, sitePolicies: [Int: TLSPolicy]
    ) {
        let fit = KeyFit(policy)
        for site in hosts.sites where !site.credentials.isEmpty {
            let own = sitePolicies[site.index].map { KeyFit($0) } ?? fit
            let forms = site.credentials.map(\.keyForm)
            var lack = lacks[site.index] ?? Lack()
            for version in own.spoken {
                if own.takes(anyOf: forms, in: version) {
                    lack.isServed = true
                } else {
                    lack.versions.append((version, listener.mark))
                }
            }
            lacks[site.index] = lack
        }
    }

    /// What has been found, in the order of the sites: an error where no handshake can succeed, and
    /// a warning where some do.
    var diagnostics: [Diagnostic] {
        lacks.sorted { $0.key < $1.key }.flatMap { site, lack in
            guard !lack.versions.isEmpty else { return [Diagnostic]() }
            let what = "(\(hosts.sites[site].credentials.map(\.keyKind).joined(separator: ", ")))"
            guard lack.isServed else {
                return [
                    diagnostic(
                        .error, site,
                        "no key of this site \(what) fits its 'cipher_suites' and"
                            + " 'signature_algorithms': no handshake can succeed")
                ]
            }
            return lack.versions.map { version, listener in
                diagnostic(
                    .warning, site,
                    "no key of this site \(what) fits the 'cipher_suites' and"
                        + " 'signature_algorithms' for \(version.label) at the listener at"
                        + " \(listener): such handshakes fail")
            }
        }
    }

    private func diagnostic(
        _ severity: Diagnostic.Severity, _ site: Int, _ message: String
    ) -> Diagnostic {
        let site = config.sites[site]
        return Diagnostic(
            severity, file: file, mark: site.certificates.first?.keyMark ?? site.mark,
            message: message)
    }
}

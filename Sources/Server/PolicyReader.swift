internal import Config
internal import TLS

/// Makes policies of what the configuration says about them, and reports what cannot be
/// negotiated.
struct PolicyReader {
    private let file: String
    private let catalog = TLSCatalog.current

    /// What has been found so far, each thing once.
    private(set) var diagnostics: [Diagnostic] = []

    /// Begins with `file`, for diagnostics.
    init(file: String) { self.file = file }

    /// The policy that an offer comes to.
    ///
    /// - Parameter mark: where the section stands that the offer is for.
    mutating func policy(_ offer: TLSOffer, at mark: SourceMark) -> TLSPolicy {
        var policy: TLSPolicy = offer.policy == .modern ? .modern : .intermediate
        if let versions = offer.versions.map({ $0.map(PolicyReader.version) }),
            let lowest = versions.min(), let highest = versions.max()
        {
            policy.minimumVersion = lowest
            policy.maximumVersion = highest
        }
        if let names = offer.cipherSuites {
            policy.cipherSuites = resolve(names, as: .cipherSuite)
        }
        if let names = offer.groups { policy.groups = resolve(names, as: .group) }
        if let names = offer.signatureAlgorithms {
            policy.signatureAlgorithms = resolve(names, as: .signatureAlgorithm)
        }
        checkSuites(of: policy, offer, at: mark)
        return policy
    }

    private static func version(_ version: TLSOffer.Version) -> TLSVersion {
        switch version {
        case .tls12: return .tls12
        case .tls13: return .tls13
        }
    }

    private mutating func resolve(_ names: [MarkedText], as kind: TLSCatalog.Kind) -> [String] {
        var resolved: [String] = []
        for name in names {
            do throws(TLSNameError) {
                let known = try catalog.resolve(name.text, as: kind)
                if !resolved.contains(known) { resolved.append(known) }
            } catch {
                let what = PolicyReader.noun(kind)
                report(
                    .error,
                    "the \(what) '\(name.text)' \(error.description)"
                        + suggestion(for: name.text, error, kind), at: name.mark)
            }
        }
        return resolved
    }

    private static func noun(_ kind: TLSCatalog.Kind) -> String {
        switch kind {
        case .cipherSuite: return "cipher suite"
        case .group: return "group"
        case .signatureAlgorithm: return "signature algorithm"
        }
    }

    private func suggestion(
        for text: String, _ error: TLSNameError, _ kind: TLSCatalog.Kind
    ) -> String {
        switch error {
        case .weak, .rule: return ""
        case .unknown, .missing:
            let nearest = Spelling.nearest(to: text, among: catalog.names(of: kind))
            return nearest.map { "; did you mean '\($0)'?" } ?? ""
        }
    }

    /// Each version has a suite, and each suite its version.
    private mutating func checkSuites(
        of policy: TLSPolicy, _ offer: TLSOffer, at mark: SourceMark
    ) {
        let spoken = policy.minimumVersion...policy.maximumVersion
        // A name that means nothing may have been the suite that is missing.
        let isUnderstood = (offer.cipherSuites ?? []).allSatisfy {
            (try? catalog.resolve($0.text, as: .cipherSuite)) != nil
        }
        guard isUnderstood else { return }
        let suites = policy.cipherSuites.compactMap { catalog.cipherSuite(named: $0) }
        for version in TLSVersion.allCases
        where spoken.contains(version) && !suites.contains(where: { $0.version == version }) {
            let remedy =
                offer.cipherSuites == nil
                ? "name 'cipher_suites', or take another policy than '\(offer.policy.rawValue)'"
                : "name one, or leave \(version.label) out of 'versions'"
            report(
                .error, "no suite of 'cipher_suites' is for \(version.label); \(remedy)",
                at: offer.cipherSuites?.first?.mark ?? mark)
        }
        for name in offer.cipherSuites ?? [] {
            guard let version = catalog.cipherSuite(named: name.text)?.version,
                !spoken.contains(version)
            else { continue }
            report(
                .warning,
                "the cipher suite '\(name.text)' is never used: \(version.label) is not spoken",
                at: name.mark)
        }
    }

    private mutating func report(
        _ severity: Diagnostic.Severity, _ message: String, at mark: SourceMark
    ) {
        let diagnostic = Diagnostic(severity, file: file, mark: mark, message: message)
        // Listeners share what stands in one place.
        if !diagnostics.contains(diagnostic) { diagnostics.append(diagnostic) }
    }
}

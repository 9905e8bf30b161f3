/// Which keys a server can prove itself with under a policy, and in which versions.
///
/// By the rules of the standard, which OpenSSL follows: tests compare the two.
public struct KeyFit: Sendable {
    private let versions: ClosedRange<TLSVersion>
    private let suites12: [String]
    private let algorithms: Set<String>

    /// Looks at a policy, as the library at run time takes it.
    public init(_ policy: TLSPolicy, catalog: TLSCatalog = .current) {
        versions = policy.minimumVersion...policy.maximumVersion
        suites12 = policy.cipherSuites.compactMap { catalog.cipherSuite(named: $0) }
            .filter { $0.version == .tls12 }.map(\.name)
        algorithms = Set(
            policy.signatureAlgorithms.filter(catalog.signatureAlgorithms.contains))
    }

    /// The versions of the policy.
    public var spoken: [TLSVersion] { TLSVersion.allCases.filter(versions.contains) }

    /// True exactly when a client of the version can be shown one of these keys; of each kind the
    /// first is used, whatever its curve.
    public func takes(anyOf forms: [KeyForm], in version: TLSVersion) -> Bool {
        let firstOnCurve = forms.first(where: \.isECDSA)
        return forms.contains { form in
            (!form.isECDSA || form == firstOnCurve) && takes(form, in: version)
        }
    }

    /// True exactly when a client of the version can be shown a key of this form.
    func takes(_ form: KeyForm, in version: TLSVersion) -> Bool {
        guard versions.contains(version) else { return false }
        switch version {
        case .tls12: return hasSuite(for: form) && algorithms.contains { signs12(form, $0) }
        case .tls13: return algorithms.contains { signs13(form, $0) }
        }
    }

    /// The suites of TLS 1.2 name the kind of key (RFC 5246 §7.4.2); EdDSA goes by the name of
    /// ECDSA (RFC 8422 §2).
    private func hasSuite(for form: KeyForm) -> Bool {
        switch form {
        case .rsa, .rsaPSS: suites12.contains { $0.contains("-RSA-") || $0.hasPrefix("RSA-") }
        case .ecdsa, .ed25519, .ed448: suites12.contains { $0.contains("-ECDSA-") }
        case .other: true
        }
    }

    /// In TLS 1.2 the algorithm names the hash and not the curve (RFC 5246 §7.4.1.4.1).
    private func signs12(_ form: KeyForm, _ algorithm: String) -> Bool {
        switch form {
        case .rsa: algorithm.hasPrefix("rsa_pkcs1_") || algorithm.hasPrefix("rsa_pss_rsae_")
        case .ecdsa: algorithm.hasPrefix("ecdsa_")
        case .rsaPSS, .ed25519, .ed448, .other: signs13(form, algorithm)
        }
    }

    /// In TLS 1.3 the algorithm names the curve too, and PKCS #1 signs no handshake
    /// (RFC 8446 §4.2.3).
    private func signs13(_ form: KeyForm, _ algorithm: String) -> Bool {
        switch form {
        case .rsa: algorithm.hasPrefix("rsa_pss_rsae_")
        case .rsaPSS: algorithm.hasPrefix("rsa_pss_pss_")
        case .ecdsa(let curve):
            algorithm.hasPrefix("ecdsa_\(KeyFit.standardNames[curve] ?? curve)_")
                || algorithm.hasPrefix("ecdsa_\(curve)tls13_")
        case .ed25519: algorithm == "ed25519"
        case .ed448: algorithm == "ed448"
        case .other: true
        }
    }

    /// What the standard calls curves that have another name in OpenSSL.
    private static let standardNames = ["prime256v1": "secp256r1"]
}

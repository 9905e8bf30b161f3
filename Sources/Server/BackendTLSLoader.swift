internal import Config
internal import HTTP
internal import Platform
internal import Proxy
internal import TLS

/// Reads what connections to servers trust and show, each file once.
///
/// Control thread only.
struct BackendTLSLoader {
    private var credentials = CredentialLoader()
    private let files: ServedFiles

    /// - Parameter files: what is being served of files.
    init(files: ServedFiles = ServedFiles()) { self.files = files }

    /// What was loaded, by the names of the backends that have it.
    struct Loaded {
        /// How TLS is spoken.
        var contexts: [String: TLSClientContext] = [:]
        /// What is shown to servers.
        var credentials: [String: Credential] = [:]
    }

    /// The TLS contexts of the backends that have one; reasons against the others are among the
    /// diagnostics, or what `lists` has to say.
    mutating func load(
        _ config: ProxyConfig, file: String, _ lists: inout RevocationListReader,
        _ diagnostics: inout [Diagnostic]
    ) -> Loaded {
        var loaded = Loaded()
        credentials.begin()
        var authorities: [String: ClientAuthorities] = [:]
        let silent = config.backendsOfBytes
        for (index, backend) in config.backends.enumerated() {
            guard let tls = backend.tls else { continue }
            var reasons: [Diagnostic] = []
            let made = make(
                backend, tls, speaksProtocol: !silent.contains(index), file: file, &lists,
                &authorities, &reasons)
            if let made { files.backends.use(made, of: backend.name) }
            guard let taken = made ?? files.backends.standIn(for: backend.name) else {
                diagnostics += reasons
                if files.salvages {
                    let refused = Refused(mark: tls.mark, reason: "nobody is served by it")
                    diagnostics.append(BackendTLSLoader.diagnostic(refused, backend, file))
                }
                continue
            }
            // Of what stands in, what is wrong was told before.
            if made != nil { diagnostics += reasons }
            lists.take(taken.lists, of: tls.crl)
            loaded.contexts[backend.name] = taken.context
            loaded.credentials[backend.name] = taken.credential
        }
        credentials.keep()
        return loaded
    }

    /// How TLS is spoken with a backend now; nil with the reasons, or with what `lists` has to say.
    private mutating func make(
        _ backend: BackendConfig, _ tls: BackendTLSConfig, speaksProtocol: Bool, file: String,
        _ lists: inout RevocationListReader, _ authorities: inout [String: ClientAuthorities],
        _ reasons: inout [Diagnostic]
    ) -> BackendTLS? {
        do throws(Refused) {
            var terms = TLSClientTerms(authorities: nil)
            if tls.verifies { terms.authorities = try trusted(tls, &authorities) }
            terms.pins = tls.pins.compactMap { PublicKeyPin($0.text) }
            if let pair = tls.certificate {
                let (credential, found) = credentials.load(pair, file: file)
                reasons += found
                guard let credential else { return nil }
                let served = files.backends.served(by: backend.name)
                let isSame = served?.pair?.chain == pair.chain && served?.pair?.key == pair.key
                let old = isSame ? served?.credential : nil
                if let flaw = credential.flaw(of: pair, inPlaceOf: old, lists.now, file) {
                    reasons.append(flaw)
                    guard flaw.severity != .error else { return nil }
                }
                terms.credential = credential
            }
            let revoked = tls.crl.map { lists.lists(of: $0, for: .servers) }
            terms.lists = revoked.compactMap(\.self)
            guard terms.lists.count == revoked.count else { return nil }
            if let versions = tls.versions { terms.versions = BackendTLSLoader.range(versions) }
            if speaksProtocol {
                terms.applicationProtocol = backend.speaks == .h2 ? "h2" : "http/1.1"
            }
            do throws(TLSError) {
                let context = try TLSClientContext(terms)
                return BackendTLS(
                    context: context, credential: terms.credential, pair: tls.certificate,
                    lists: terms.lists)
            } catch {
                throw Refused(mark: tls.mark, reason: "\(error)")
            }
        } catch {
            reasons.append(BackendTLSLoader.diagnostic(error, backend, file))
            return nil
        }
    }

    private static func diagnostic(
        _ refused: Refused, _ backend: BackendConfig, _ file: String
    ) -> Diagnostic {
        Diagnostic(
            .error, file: file, mark: refused.mark,
            message: "TLS with backend '\(backend.name)': \(refused.reason)")
    }

    private func trusted(
        _ tls: BackendTLSConfig, _ known: inout [String: ClientAuthorities]
    ) throws(Refused) -> ClientAuthorities {
        let bundle = BackendTLSLoader.systemBundles.first { (try? Files.status($0)) != nil }
        guard let path = tls.ca?.path ?? bundle else {
            throw Refused(
                mark: tls.mark,
                reason: "this system has no bundle of authorities; install ca-certificates, or name"
                    + " the servers' authority by 'ca'")
        }
        if let authorities = known[path] { return authorities }
        let authorities = try BackendTLSLoader.read(path, at: tls.ca?.mark ?? tls.mark)
        known[path] = authorities
        return authorities
    }

    private static func read(_ path: String, at mark: SourceMark) throws(Refused)
        -> ClientAuthorities
    {
        do throws(SystemError) {
            let pem = try Files.read(path, atMost: fileLimit)
            do throws(TLSError) {
                return try ClientAuthorities(pem: pem)
            } catch {
                throw SystemError(code: 0, operation: "read", subject: "\(path): \(error.reason)")
            }
        } catch {
            throw Refused(mark: mark, reason: "\(error)")
        }
    }

    private static func range(_ versions: [TLSOffer.Version]) -> ClosedRange<TLSVersion> {
        switch (versions.contains(.tls12), versions.contains(.tls13)) {
        case (true, false): .tls12 ... .tls12
        case (false, true): .tls13 ... .tls13
        default: .tls12 ... .tls13
        }
    }

    /// Why a backend's TLS cannot be set up.
    private struct Refused: Error {
        let mark: SourceMark
        let reason: String
    }

    /// All authorities of a browser many times over.
    private static let fileLimit = 1 << 24
    /// Where the distributions keep the authorities of browsers: Debian, Fedora, Alpine.
    private static let systemBundles = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/cert.pem",
    ]
}

extension ProxyConfig {
    /// The backends that get no requests but bytes, whose protocol nobody knows.
    fileprivate var backendsOfBytes: Set<Int> {
        var bytes = Set(listeners.compactMap(\.backend))
        var requests: Set<Int> = []
        for site in sites {
            let backends = site.routes.compactMap(\.backend)
            if site.service == .http {
                requests.formUnion(backends)
            } else {
                bytes.formUnion(backends)
            }
        }
        return bytes.subtracting(requests)
    }
}

extension BackendConfig {
    /// How TLS is spoken with one of the servers; nil where it is not, or cannot be: without a name
    /// that a certificate could be for, none is good.
    func serverTLS(_ server: FoundServer, _ context: TLSClientContext?) -> ServerTLS? {
        guard let tls, let context else { return nil }
        // An address is compared with those in the certificate, and is no name to ask for.
        let isWanted = tls.verifies || !server.isAddress
        let name = tls.serverName ?? (isWanted ? server.hostText : nil)
        guard !tls.verifies || name != nil else { return nil }
        return ServerTLS(context: context, serverName: name)
    }

    /// The header that connections begin with.
    var proxyVersion: ProxyVersion? {
        switch proxyHeader {
        case .off: nil
        case .v1: .v1
        case .v2: .v2
        case .v2Certificate: .v2Certificate
        }
    }
}

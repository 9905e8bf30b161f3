internal import Config
internal import Platform
internal import TLS

extension SnapshotBuilder {
    /// The client certificate policy of each site, in the order of the configuration; nil where a
    /// site asks nobody, or with the reason among the diagnostics. Sites that say the same share
    /// one.
    func loadClientPolicies(
        _ config: ProxyConfig, now: WallTime, _ lists: inout RevocationListReader,
        _ diagnostics: inout [Diagnostic]
    ) -> [ClientVerification?] {
        var reader = ClientPolicyReader(file: file, now: now, files: files)
        let policies = config.sites.map { site in
            site.tls.clientCertificates.flatMap { reader.policy($0, &lists) }
        }
        diagnostics += reader.diagnostics
        return policies
    }
}

/// Reads the files of client certificate policies, each once.
private struct ClientPolicyReader {
    let file: String
    let now: WallTime
    private let files: ServedFiles
    private(set) var diagnostics: [Diagnostic] = []
    private var authorities: [String: ClientAuthorities?] = [:]
    private var made: [(config: ClientCertificateConfig, policy: ClientVerification)] = []

    init(file: String, now: WallTime, files: ServedFiles) {
        self.file = file
        self.now = now
        self.files = files
    }

    mutating func policy(
        _ config: ClientCertificateConfig, _ reader: inout RevocationListReader
    ) -> ClientVerification? {
        let known = made.first {
            $0.config.mode == config.mode && $0.config.depth == config.depth
                && $0.config.allow == config.allow && $0.config.files == config.files
        }
        if let known { return known.policy }
        let name = "\(config.mode) \(config.depth) \(config.allow) \(config.files)"
        let policy = make(config, &reader)
        if let policy { files.policies.use(policy, of: name) }
        guard let taken = policy ?? files.policies.standIn(for: name) else {
            if files.salvages { report(.error, config.ca, "nobody is served by this policy") }
            return nil
        }
        reader.take(taken.lists, of: config.crl)
        made.append((config, taken.verification))
        return taken.verification
    }

    private mutating func make(
        _ config: ClientCertificateConfig, _ reader: inout RevocationListReader
    ) -> ClientPolicy? {
        let authorities = readAuthorities(config.ca)
        let lists = config.crl.map { reader.lists(of: $0, for: .clients) }
        guard let authorities, !lists.contains(where: { $0 == nil }) else { return nil }
        let terms = ClientVerification.Terms(
            mode: config.mode == .required ? .required : .optional, authorities: authorities,
            depth: config.depth, lists: lists.compactMap { $0 }, rules: config.allow)
        do throws(TLSError) {
            return ClientPolicy(
                verification: try ClientVerification(terms), lists: lists.compactMap { $0 })
        } catch {
            refuse(config.ca, "client certificates cannot be verified: \(error)")
            return nil
        }
    }

    private mutating func readAuthorities(_ reference: FileReference) -> ClientAuthorities? {
        if let known = authorities[reference.path] { return known }
        let result = load(reference)
        for subject in result?.expired(at: now.seconds) ?? [] {
            report(
                .warning, reference,
                "the authority '\(subject)' in '\(reference.path)' has expired: its clients are"
                    + " refused")
        }
        authorities[reference.path] = .some(result)
        return result
    }

    private mutating func load(_ reference: FileReference) -> ClientAuthorities? {
        let reason: String
        do throws(SystemError) {
            let bytes = try Files.read(reference.path, atMost: ClientPolicyReader.fileLimit)
            do throws(TLSError) {
                return try ClientAuthorities(pem: bytes)
            } catch {
                reason = "'\(reference.path)': \(error)"
            }
        } catch {
            reason = "cannot read the authorities of clients: \(error)"
        }
        refuse(reference, reason)
        return nil
    }

    /// Where files are salvaged, what is wrong with them was told before.
    private mutating func refuse(_ reference: FileReference, _ reason: String) {
        if !files.salvages { report(.error, reference, reason) }
    }

    private mutating func report(
        _ severity: Diagnostic.Severity, _ reference: FileReference, _ message: String
    ) {
        diagnostics.append(
            Diagnostic(severity, file: file, mark: reference.mark, message: message))
    }

    /// All authorities of a browser many times over.
    private static let fileLimit = 1 << 24
}

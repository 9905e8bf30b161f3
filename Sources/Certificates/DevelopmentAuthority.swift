public import Platform
internal import TLS

/// The local authority behind `https://localhost` of the embedded default configuration.
///
/// It lives in the user's state directory as `ca.pem` and `ca.key`, and has signed `localhost.pem`
/// with `localhost.key`. Folders get mode 0700 and files 0600: who has the authority's key can
/// speak to this user as any host.
public struct DevelopmentAuthority {
    private let directory: String
    private let names: [String]
    private let now: WallTime
    private let deadline: MonotonicTime
    private let authority: StoredPair
    private let leaf: StoredPair

    /// Makes the authority and the certificate if they are missing, and says where they are.
    ///
    /// A certificate that has expired, expires within a day, or was signed by another authority is
    /// moved aside to `localhost.pem.old-<unix seconds of its expiry>` and made anew. Nothing is
    /// overwritten, and processes that do this at once all end with the same certificate.
    ///
    /// - Parameters:
    ///   - names: DNS names and IP literals that the certificate is made for.
    ///   - now: the time that decides about expiry.
    /// - Throws: `DevelopmentAuthorityError` with the one line for the person.
    public static func prepare(
        in directory: String, names: [String] = ["localhost", "127.0.0.1", "::1"], now: WallTime
    ) throws(DevelopmentAuthorityError) -> DevelopmentCertificate {
        try DevelopmentAuthority(directory: directory, names: names, now: now).prepare()
    }

    private init(directory: String, names: [String], now: WallTime) {
        self.directory = directory
        self.names = names
        self.now = now
        deadline = MonotonicTime.now() + DevelopmentAuthority.patience
        authority = StoredPair(
            certificatePath: "\(directory)/ca.pem", keyPath: "\(directory)/ca.key")
        leaf = StoredPair(
            certificatePath: "\(directory)/localhost.pem", keyPath: "\(directory)/localhost.key")
    }

    private func prepare() throws(DevelopmentAuthorityError) -> DevelopmentCertificate {
        do {
            try Files.createDirectories(directory, mode: 0o700)
        } catch {
            throw .inaccessible(error)
        }
        let (pair, credential) = try prepareAuthority()
        let wasCreated = try prepareLeaf(signedBy: pair, subject: credential.subject)
        return DevelopmentCertificate(
            authorityPath: authority.certificatePath, chainPath: leaf.certificatePath,
            keyPath: leaf.keyPath, wasCreated: wasCreated)
    }

    private func prepareAuthority()
        throws(DevelopmentAuthorityError) -> (PEMPair, Credential)
    {
        while true {
            switch try inspect(authority) {
            case .whole(let pair, let credential):
                guard !expiresSoon(credential) else {
                    throw unusable(authority, "the authority has expired")
                }
                return (pair, credential)
            case .missing:
                // The name tells authorities apart: a leaf of an earlier one is noticed by it.
                let name = "Martlet development CA \(now.seconds)"
                _ = try create(authority) { () throws(TLSError) in
                    try CertificateMaker.makeAuthority(
                        commonName: name, validity: DevelopmentAuthority.authorityValidity)
                }
            case .unsettled(let reason):
                try waitForOther(authority, reason)
            }
        }
    }

    /// Returns true exactly when the leaf was made here.
    private func prepareLeaf(
        signedBy pair: PEMPair, subject: String
    ) throws(DevelopmentAuthorityError) -> Bool {
        while true {
            switch try inspect(leaf) {
            case .whole(let old, let credential):
                let isForeign = credential.issuer != subject
                guard isForeign || expiresSoon(credential) else { return false }
                let moved = try accessing { () throws(SystemError) in
                    try leaf.moveAside(old, stamp: credential.notAfter)
                }
                if !moved { try waitForOther(leaf, "it has expired") }
            case .missing:
                let made = try create(leaf) { () throws(TLSError) in
                    try CertificateMaker.makeLeaf(
                        names: names, authority: pair,
                        validity: DevelopmentAuthority.leafValidity)
                }
                if made { return true }
            case .unsettled(let reason):
                try waitForOther(leaf, reason)
            }
        }
    }

    private func expiresSoon(_ credential: Credential) -> Bool {
        credential.notAfter <= now.seconds + DevelopmentAuthority.secondsPerDay
    }

    private func inspect(
        _ stored: StoredPair
    ) throws(DevelopmentAuthorityError) -> StoredPair.State {
        try accessing { () throws(SystemError) in try stored.inspect() }
    }

    private func create(
        _ stored: StoredPair, _ make: () throws(TLSError) -> PEMPair
    ) throws(DevelopmentAuthorityError) -> Bool {
        let pair: PEMPair
        do {
            pair = try make()
        } catch {
            throw .notMade(error, in: directory)
        }
        return try accessing { () throws(SystemError) in try stored.create(pair) }
    }

    private func accessing<Result>(
        _ body: () throws(SystemError) -> Result
    ) throws(DevelopmentAuthorityError) -> Result {
        do {
            return try body()
        } catch {
            throw .inaccessible(error)
        }
    }

    /// Gives another process a moment to finish what it writes.
    private func waitForOther(
        _ stored: StoredPair, _ reason: String
    ) throws(DevelopmentAuthorityError) {
        guard MonotonicTime.now() < deadline else { throw unusable(stored, reason) }
        _ = Poll.wait([], timeout: DevelopmentAuthority.pause)
    }

    private func unusable(_ stored: StoredPair, _ reason: String) -> DevelopmentAuthorityError {
        .unusable(reason, stored.certificatePath, stored.keyPath)
    }

    /// How long a pair may stay unsettled; the making of one takes milliseconds.
    private static let patience = Duration.seconds(2)
    private static let pause = Duration.milliseconds(20)
    private static let secondsPerDay: Int64 = 86_400
    private static let authorityValidity = Duration.seconds(3650 * secondsPerDay)

    /// What browsers accept at most is 398 days.
    private static let leafValidity = Duration.seconds(397 * secondsPerDay)
}

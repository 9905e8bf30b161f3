internal import Platform
internal import TLS

/// The staples that outlive the process: one file for each certificate, in the folder `ocsp` of the
/// state directory.
///
/// What is read from it is judged like what a responder sends. Any thread.
struct StapleFolder: Sendable {
    private let path: String
    /// True exactly when nothing is written or removed.
    private let isReadOnly: Bool

    /// Keeps staples below `state`; the folder is made when the first is written.
    init(in state: String, isReadOnly: Bool = false) {
        path = "\(state)/ocsp"
        self.isReadOnly = isReadOnly
    }

    /// What is kept for a certificate; nil if there is nothing to be read.
    func read(_ credential: Credential) -> [UInt8]? {
        try? Files.read(file(of: credential), atMost: StapleFolder.sizeLimit)
    }

    /// Keeps a staple in place of what was there, in one step and for the owner's eyes.
    func write(_ staple: OCSPStaple, for credential: Credential) throws(SystemError) {
        guard !isReadOnly else { return }
        try Files.createDirectories(path, mode: 0o700)
        try Files.writeAtomically(staple.bytes, to: file(of: credential), mode: 0o600)
    }

    /// Keeps nothing for a certificate.
    func remove(_ credential: Credential) {
        if !isReadOnly { Files.remove(file(of: credential)) }
    }

    private func file(of credential: Credential) -> String {
        "\(path)/\(credential.sha256Fingerprint).der"
    }

    private static let sizeLimit = 65_536
}

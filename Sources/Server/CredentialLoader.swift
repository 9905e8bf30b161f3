internal import Bytes
internal import Config
internal import Platform
internal import TLS

/// Reads certificates and keys, and remembers what it has read, so that a reload parses only what
/// has changed.
///
/// Control thread only.
struct CredentialLoader {
    /// What is known of a pair of files that was loaded.
    private struct Entry {
        let identity: PairIdentity
        let credential: Credential
    }

    private var loaded: [String: Entry] = [:]
    /// What the present build has named, what it uses of that, and what is being served.
    private var names: Set<String> = []
    private var used: [String: Credential] = [:]
    private var served: [String: Credential] = [:]

    /// The credential of a pair of files, or the reasons against it.
    ///
    /// - Parameter salvages: true where what is being served stands in for what cannot be loaded.
    mutating func load(
        _ pair: CertificatePair, file: String, salvages: Bool = false
    ) -> (credential: Credential?, diagnostics: [Diagnostic]) {
        let name = CredentialLoader.name(of: pair)
        names.insert(name)
        let found = load(pair, name, file: file)
        used[name] = found.credential
        guard salvages, found.credential == nil, let old = standIn(for: pair) else { return found }
        return (old, [])
    }

    /// What is being served of a pair of files.
    func served(_ pair: CertificatePair) -> Credential? { served[CredentialLoader.name(of: pair)] }

    /// What is being served of a pair of files, which is used in place of what was loaded.
    mutating func standIn(for pair: CertificatePair) -> Credential? {
        let name = CredentialLoader.name(of: pair)
        guard let old = served[name] else { return nil }
        used[name] = old
        return old
    }

    private mutating func load(
        _ pair: CertificatePair, _ name: String, file: String
    ) -> (credential: Credential?, diagnostics: [Diagnostic]) {
        var diagnostics: [Diagnostic] = []
        guard let identity = PairIdentity(pair, file: file, diagnostics: &diagnostics) else {
            return (nil, diagnostics)
        }
        if let entry = loaded[name], entry.identity == identity {
            return (entry.credential, diagnostics)
        }
        func read(_ path: String, _ mark: SourceMark, _ what: String) -> [UInt8]? {
            do throws(SystemError) {
                return try Files.read(path, atMost: CredentialLoader.fileLimit)
            } catch {
                let advice =
                    error.isPermissionDenied ? "; let the user that martlet runs as read it" : ""
                diagnostics.append(
                    Diagnostic(
                        .error, file: file, mark: mark,
                        message: "cannot read the \(what): \(error)\(advice)"))
                return nil
            }
        }
        guard let chain = read(pair.chain, pair.chainMark, "chain"),
            let key = read(pair.key, pair.keyMark, "key")
        else { return (nil, diagnostics) }
        let (passphrase, remark) = PassphraseFile.read(pair, key: key, file: file)
        if let remark { diagnostics.append(remark) }
        guard remark?.severity != .error else { return (nil, diagnostics) }
        let pem = PEMPair(certificate: chain, key: key)
        return (parse(pem, passphrase, pair, file, identity, &diagnostics), diagnostics)
    }

    private mutating func parse(
        _ pem: PEMPair, _ passphrase: [UInt8]?, _ pair: CertificatePair, _ file: String,
        _ identity: PairIdentity, _ diagnostics: inout [Diagnostic]
    ) -> Credential? {
        do throws(CredentialError) {
            let credential = try Credential(
                chainPEM: pem.certificate, keyPEM: pem.key, passphrase: passphrase)
            // Files that were replaced between the two looks are read again by the event of their
            // replacement.
            var ignored: [Diagnostic] = []
            if PairIdentity(pair, file: file, diagnostics: &ignored) == identity {
                loaded[CredentialLoader.name(of: pair)] = Entry(
                    identity: identity, credential: credential)
            }
            return credential
        } catch {
            diagnostics.append(
                Diagnostic(
                    .error, file: file, mark: error.isOfKey ? pair.keyMark : pair.chainMark,
                    message: "certificate '\(pair.chain)' with key '\(pair.key)': \(error)"))
            return nil
        }
    }

    private static func name(of pair: CertificatePair) -> String {
        "\(pair.chain)\0\(pair.key)\0\(pair.passphraseFile ?? "")"
    }

    /// Begins with another build.
    mutating func begin() {
        used = [:]
        names = []
    }

    /// Forgets what neither the present build has named nor anybody is served.
    mutating func keep() {
        loaded = loaded.filter { names.contains($0.key) || served[$0.key] != nil }
    }

    /// What was built last is going to be served.
    mutating func commit() { served = used }

    /// No chain of certificates is longer than this.
    static let fileLimit = 1 << 20
}

/// Which files were read: if device, inode, size and time of change are the same, so is what
/// stands in them.
struct PairIdentity: Equatable {
    private let chain: FileStatus
    private let key: FileStatus
    private let passphrase: FileStatus?

    /// Looks at the files; nil, with the reasons, if one is not there to be read.
    init?(_ pair: CertificatePair, file: String, diagnostics: inout [Diagnostic]) {
        var found: [FileStatus] = []
        var files = [(pair.chain, pair.chainMark, "chain"), (pair.key, pair.keyMark, "key")]
        if let path = pair.passphraseFile {
            files.append((path, pair.passphraseMark, "passphrase"))
        }
        for (path, mark, what) in files {
            do throws(SystemError) {
                let status = try Files.status(path)
                try PairIdentity.check(status, path)
                found.append(status)
            } catch {
                diagnostics.append(
                    Diagnostic(
                        .error, file: file, mark: mark, message: "cannot read the \(what): \(error)"
                    ))
            }
        }
        guard found.count == files.count else { return nil }
        (chain, key) = (found[0], found[1])
        passphrase = found.count > 2 ? found[2] : nil
        for (status, (path, mark, what)) in zip(found, files).dropFirst()
        where status.mode & 0o077 != 0 {
            diagnostics.append(
                Diagnostic(
                    .warning, file: file, mark: mark,
                    message: "the \(what) '\(path)' can be read by others than its owner; "
                        + "do: chmod 600 \(path)"))
        }
    }

    /// Refuses what cannot be a file of PEM before it is opened: a pipe would keep the thread.
    private static func check(_ status: FileStatus, _ path: String) throws(SystemError) {
        let reason: String? =
            if status.isDirectory {
                "it is a folder"
            } else if status.size == 0 {
                "it is empty, or no file"
            } else if status.size > Int64(CredentialLoader.fileLimit) {
                "it has more than \(CredentialLoader.fileLimit >> 20) MiB"
            } else {
                nil
            }
        if let reason {
            throw SystemError(code: 0, operation: "read", subject: "\(path): \(reason)")
        }
    }
}

extension Credential {
    /// What is wrong with it today, although it is served all the same: some clients may still
    /// accept it, and none is helped by silence. But it does not take the place of one that is
    /// valid, which is an error.
    func flaw(
        of pair: CertificatePair, inPlaceOf served: Credential?, _ now: WallTime, _ file: String
    ) -> Diagnostic? {
        let now = now.seconds
        let flaw: String
        if notAfter <= now {
            flaw = "expired \((now - notAfter) / 86_400) days ago; renew it"
        } else if notBefore > now {
            flaw = "is not valid yet; check this machine's clock"
        } else {
            return nil
        }
        let text = "the certificate '\(pair.chain)' \(flaw)"
        guard let served, served !== self, served.notBefore <= now, now < served.notAfter else {
            return Diagnostic(.warning, file: file, mark: pair.chainMark, message: text)
        }
        return Diagnostic(
            .error, file: file, mark: pair.chainMark,
            message: text + " (the one that is being served is valid, and goes on being served)")
    }
}

extension CredentialError {
    /// True exactly when the key's file alone is at fault.
    fileprivate var isOfKey: Bool {
        switch self {
        case .noKey, .encryptedKey, .wrongPassphrase, .unreadableKey: true
        case .noCertificate, .unreadableCertificate, .keyMismatch, .refused: false
        }
    }
}

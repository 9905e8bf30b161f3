internal import Platform
internal import TLS

/// A certificate and its key as two files of the state directory.
///
/// Several processes may use the directory at once, and two files cannot be written in one step.
/// Whoever creates the key file, which only one process can, goes on to write the certificate; the
/// others wait until both are there and fit. Nothing is overwritten.
struct StoredPair: Equatable, Sendable {
    /// The certificate, PEM.
    let certificatePath: String

    /// The key, PEM.
    let keyPath: String

    /// What the files hold now.
    enum State {
        /// Neither file is there.
        case missing

        /// Both files are there and fit.
        case whole(PEMPair, Credential)

        /// The files do not fit: another process is writing them, or one has died doing so.
        case unsettled(String)
    }

    /// Looks at the files.
    func inspect() throws(SystemError) -> State {
        let certificate = try read(certificatePath)
        let key = try read(keyPath)
        switch (certificate, key) {
        case (nil, nil): return .missing
        case (_?, nil): return .unsettled("its key is missing")
        case (nil, _?): return .unsettled("the certificate is missing")
        case (let certificate?, let key?):
            do throws(CredentialError) {
                let credential = try Credential(chainPEM: certificate, keyPEM: key)
                return .whole(PEMPair(certificate: certificate, key: key), credential)
            } catch {
                return .unsettled("\(error)")
            }
        }
    }

    /// Writes the files if the key is not there yet; returns false if another process was first.
    func create(_ pair: PEMPair) throws(SystemError) -> Bool {
        do {
            try Files.createExclusively(pair.key, at: keyPath, mode: 0o600)
        } catch {
            if error.isAlreadyThere { return false }
            throw error
        }
        do {
            try Files.createExclusively(pair.certificate, at: certificatePath, mode: 0o600)
        } catch {
            // A key alone would make everyone wait for its certificate in vain.
            Files.remove(keyPath)
            throw error
        }
        return true
    }

    /// Moves the files aside as `….old-<stamp>`; returns false if another process was first.
    ///
    /// `pair` is what the files held when they were found wanting, and `stamp` belongs to that
    /// certificate alone. So creating the first copy, which only one process can, decides who
    /// moves, and a process that comes late cannot move the successor.
    func moveAside(_ pair: PEMPair, stamp: Int64) throws(SystemError) -> Bool {
        do {
            let path = "\(certificatePath).old-\(stamp)"
            try Files.createExclusively(pair.certificate, at: path, mode: 0o600)
        } catch {
            if error.isAlreadyThere { return false }
            throw error
        }
        Files.remove(certificatePath)
        try Files.move(keyPath, to: "\(keyPath).old-\(stamp)")
        return true
    }

    private func read(_ path: String) throws(SystemError) -> [UInt8]? {
        do {
            return try Files.read(path, atMost: StoredPair.maximumSize)
        } catch {
            if error.isNotFound { return nil }
            throw error
        }
    }

    private static let maximumSize = 1 << 20
}

internal import COpenSSL

/// The authorities whose word on clients is believed.
@safe public final class ClientAuthorities: Sendable {
    /// The subjects of those that have expired at a time, in seconds since 1970.
    public func expired(at now: Int64) -> [String] {
        zip(subjects, expiries).compactMap { $1 <= now ? $0 : nil }
    }

    // SAFETY: owner: this object, one reference each; lifetime: until `deinit`; never changed, so
    // threads may share them.
    nonisolated(unsafe) let certificates: [OpaquePointer]
    /// Each in DER.
    let encodings: [[UInt8]]
    private let subjects: [String]
    private let expiries: [Int64]

    /// Reads every certificate of a PEM file.
    ///
    /// - Throws: `TLSError` where there is none, or one cannot be read.
    public init(pem: [UInt8]) throws(TLSError) {
        guard let source = MemoryBIO(pem) else {
            throw ErrorQueue.takeError("read the authorities of clients")
        }
        ERR_clear_error()
        var certificates: [OpaquePointer] = unsafe []
        // SAFETY: what is returned is ours: `deinit` frees it; the callback touches nothing.
        while let certificate = unsafe PEM_read_bio_X509(
            source.handle, nil, { _, _, _, _ in -1 }, nil)
        {
            unsafe certificates.append(certificate)
        }
        let isEnd = PEMEnd.isReached()
        unsafe self.certificates = certificates
        encodings = unsafe certificates.map { unsafe ClientIdentity.encoded($0) }
        let facts = unsafe certificates.map { unsafe CertificateFacts($0) }
        subjects = facts.map(\.subject)
        expiries = facts.map(\.notAfter)
        guard isEnd else { throw ErrorQueue.takeError("read the authorities of clients") }
        guard !subjects.isEmpty else {
            throw TLSError(
                operation: "read the authorities of clients",
                reason: "there is no certificate; expected PEM, '-----BEGIN CERTIFICATE-----'")
        }
    }

    deinit {
        unsafe certificates.forEach { certificate in unsafe X509_free(certificate) }
    }
}

/// How reading object after object from a PEM file has ended.
enum PEMEnd {
    /// True exactly when it was the end of the file; the error queue is empty then, and has the
    /// reason otherwise.
    static func isReached() -> Bool {
        let entry = ERR_peek_last_error()
        let isEnd =
            entry == 0
            || martlet_ERR_GET_LIB(entry) == ERR_LIB_PEM
                && martlet_ERR_GET_REASON(entry) == PEM_R_NO_START_LINE
        if isEnd { ERR_clear_error() }
        return isEnd
    }
}

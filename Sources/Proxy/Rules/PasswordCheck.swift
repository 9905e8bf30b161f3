internal import Platform
internal import TLS

/// A password to be looked at, off the workers.
struct PasswordCheck: Sendable {
    /// The digest of name, password and hash, which stands for the whole.
    let digest: SHA256Digest
    let password: [UInt8]
    let hash: String
    /// False where the name is nobody's: then the answer is no, whatever the password.
    let isKnown: Bool
    /// When nobody waits for the answer any more.
    let deadline: MonotonicTime
    /// Whose it is.
    let client: AddressKey
    /// Who waits.
    let reply: Mailbox<WorkerMessage>
}

/// What became of a check.
public struct PasswordVerdict: Sendable, Equatable {
    /// What was checked.
    let digest: SHA256Digest
    /// True exactly when the password is that of the name.
    let isGood: Bool
}

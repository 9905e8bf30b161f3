internal import Platform
internal import TLS

/// Why there is no development certificate; `description` says what, where and what to do.
public struct DevelopmentAuthorityError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What kind of obstacle it is.
    public let kind: Kind

    /// What, where and what to do, in one line.
    public let description: String

    /// The kinds of obstacles.
    public enum Kind: Equatable, Sendable {
        /// The folder or a file in it cannot be read or written.
        case inaccessible

        /// A certificate and its key are there but do not serve.
        case unusable

        /// OpenSSL could not make a certificate.
        case notMade
    }

    /// The folder or a file in it cannot be read or written.
    static func inaccessible(_ error: SystemError) -> DevelopmentAuthorityError {
        let advice = "check who owns the state directory, or name another one in $STATE_DIRECTORY"
        return DevelopmentAuthorityError(kind: .inaccessible, description: "\(error); \(advice)")
    }

    /// A certificate and its key are there but do not serve.
    static func unusable(
        _ reason: String, _ certificatePath: String, _ keyPath: String
    ) -> DevelopmentAuthorityError {
        let advice = "remove it and \(keyPath), and they are made anew"
        return DevelopmentAuthorityError(
            kind: .unusable, description: "\(certificatePath): \(reason); \(advice)")
    }

    /// OpenSSL could not make a certificate.
    static func notMade(_ error: TLSError, in directory: String) -> DevelopmentAuthorityError {
        DevelopmentAuthorityError(
            kind: .notMade,
            description: "cannot make a development certificate in \(directory): \(error); "
                + "configure sites with certificates of your own")
    }
}

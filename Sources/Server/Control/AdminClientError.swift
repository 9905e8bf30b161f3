internal import Platform

/// Why the running instance could not be asked; `description` is the one line that a person reads.
public enum AdminClientError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The text is not an address such as `127.0.0.1:9180`, `[::1]:9180` or `unix:/path`.
    case badAddress(String)

    /// Nobody accepted the connection; `cause` is the system's text.
    case noInstance(address: String, cause: String)

    /// The connection broke before the answer was whole, or the answer took too long.
    case noAnswer(address: String, cause: String)

    /// What came back is not HTTP.
    case notHTTP(address: String)

    /// What, where and what to do, in one line.
    public var description: String {
        switch self {
        case .badAddress(let text):
            "martlet: '\(text)' is not an admin address; "
                + "write an IP address and a port, such as 127.0.0.1:9180, or unix:/path"
        case .noInstance(let address, let cause):
            "martlet: no instance answers at \(address): \(cause); "
                + "is it running, and is this its admin address?"
        case .noAnswer(let address, let cause):
            "martlet: the instance at \(address) gave no whole answer: \(cause); "
                + "see its event log"
        case .notHTTP(let address):
            "martlet: what answers at \(address) does not speak HTTP; is this the admin address?"
        }
    }
}

extension SystemError {
    /// The system's text alone, such as `Connection refused`.
    var cause: String { String(description.dropFirst("\(operation) \(subject): ".count)) }
}

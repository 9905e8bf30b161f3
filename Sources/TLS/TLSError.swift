/// OpenSSL refused what the operator or the process needs of it.
public struct TLSError: Error, CustomStringConvertible, Sendable, Equatable {
    /// What was being done, as in "set the suites".
    public let operation: String
    /// OpenSSL's reason.
    public let reason: String

    /// Names the operation that failed.
    public init(operation: String, reason: String) {
        self.operation = operation
        self.reason = reason
    }

    /// The operation and its reason in one line.
    public var description: String { "cannot \(operation): \(reason)" }
}

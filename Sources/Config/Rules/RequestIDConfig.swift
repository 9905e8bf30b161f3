/// How requests are told apart in logs.
public struct RequestIDConfig: Sendable, Equatable {
    /// The field that carries the id to the backend.
    public var header: String
    /// True exactly when responses carry it, too.
    public var response: Bool

    /// Makes the value; what is left out has its default.
    public init(header: String = "X-Request-ID", response: Bool = false) {
        self.header = header
        self.response = response
    }
}

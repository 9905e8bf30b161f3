/// What may have gone wrong with an attempt for a request to be sent again.
public enum RetryCause: String, Sendable, CaseIterable {
    /// The server refused the connection, or did not take it in time.
    case connect
    /// The server closed or reset before it had answered a byte.
    case reset
    /// The server did not begin to answer in time.
    case firstByteTimeout = "first_byte_timeout"
    /// Not Found.
    case notFound = "404"
    /// Request Timeout.
    case requestTimeout = "408"
    /// Too Many Requests.
    case tooManyRequests = "429"
    /// Internal Server Error.
    case serverError = "500"
    /// Bad Gateway.
    case badGateway = "502"
    /// Service Unavailable.
    case unavailable = "503"
    /// Gateway Timeout.
    case gatewayTimeout = "504"
}

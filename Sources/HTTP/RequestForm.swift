/// What the head of a request says in a word each: a copy of it is cheap to look at.
public struct RequestForm: Sendable {
    /// The method, if it is one that is told apart.
    public let method: Method
    /// The version that the client speaks.
    public let version: HTTPVersion
    /// How the body's end is known.
    public let framing: BodyFraming
    /// True exactly when the client lets the connection serve another request (RFC 9112 §9.3).
    public let isKeepAlive: Bool
    /// True exactly when the client waits for 100 before it sends the body (RFC 9110 §10.1.1).
    public let expectsContinue: Bool
    /// True exactly when the client asks for a tunnel of another protocol (RFC 8441 §4).
    public let hasTunnelProtocol: Bool

    /// What an empty head says.
    public static let none = RequestForm(
        method: .other, version: .http11, framing: .none, isKeepAlive: false,
        expectsContinue: false, hasTunnelProtocol: false)
}

extension RequestHead {
    /// What the head says in a word each.
    public var form: RequestForm {
        RequestForm(
            method: method, version: version, framing: framing, isKeepAlive: isKeepAlive,
            expectsContinue: expectsContinue, hasTunnelProtocol: hasTunnelProtocol)
    }
}

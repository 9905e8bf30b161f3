internal import Bytes

/// The methods that are told apart (RFC 9110 §9.3, RFC 5789); any other token passes as `other`.
public enum Method: UInt8, Sendable, CaseIterable {
    /// GET
    case get
    /// HEAD
    case head
    /// POST
    case post
    /// PUT
    case put
    /// DELETE
    case delete
    /// PATCH
    case patch
    /// OPTIONS
    case options
    /// CONNECT
    case connect
    /// TRACE
    case trace
    /// Any other token.
    case other

    /// Recognises a method; methods are case-sensitive (RFC 9110 §9.1).
    public init(_ bytes: Span<UInt8>) {
        self = .other
        for method in Method.allCases where bytes.equals(method.label) {
            self = method
            return
        }
    }

    /// The method as it is written; "other" for any other token.
    public var label: StaticString {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .patch: "PATCH"
        case .options: "OPTIONS"
        case .connect: "CONNECT"
        case .trace: "TRACE"
        case .other: "other"
        }
    }

    /// True exactly when the client asks for nothing to change (RFC 9110 §9.2.1).
    public var isSafe: Bool {
        self == .get || self == .head || self == .options || self == .trace
    }

    /// True exactly when doing it twice has the effect of doing it once (RFC 9110 §9.2.2).
    public var isIdempotent: Bool { isSafe || self == .put || self == .delete }
}

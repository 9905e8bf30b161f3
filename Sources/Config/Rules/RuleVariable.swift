/// What stands in braces in the text of a rule, as `{host}`.
public enum RuleVariable: String, Sendable, CaseIterable {
    /// The host that the client asked for, without a port.
    case host
    /// The path that the client asked for; behind `strip_prefix` in `rewrite` and `redirect`.
    case path
    /// The query with its question mark; empty where there is none.
    case query
    /// The method.
    case method
    /// `http` or `https`.
    case scheme
    /// The client's address, without a port.
    case clientAddress = "client_address"
    /// The client's port; empty where it came by a socket file.
    case clientPort = "client_port"
    /// The subject of the client's certificate (RFC 2253), where the site asks for one.
    case clientSubject = "client_subject"
    /// The name that the client has proved to have by `basic_auth`.
    case user
    /// The version of TLS, as `TLSv1.3`; empty without TLS.
    case tlsVersion = "tls_version"
    /// The cipher suite; empty without TLS.
    case tlsCipher = "tls_cipher"
    /// The name in the ClientHello; empty where there was none.
    case sni
    /// What tells the request from all others.
    case requestID = "request_id"
    /// The status of the response.
    case status
}

extension RuleVariable {
    /// What a path may be made of.
    static let ofRewrites: [RuleVariable] = [.host, .path]
    /// What a `Location` may be made of.
    static let ofRedirects: [RuleVariable] = [.host, .path, .query, .scheme]
    /// What is known before the request is sent.
    static let ofRequests = allCases.filter { $0 != .status }
}

internal import Bytes

/// The head of a request: parsed, checked, and independent of the input that it came in.
///
/// Used again from request to request: after the first few, nothing is allocated.
public struct RequestHead: ~Copyable {
    /// Where a part stands in `text`.
    struct Part {
        var start = 0
        var end = 0
        var range: Range<Int> { start..<end }
    }

    /// Method, target, authority and path, one behind the other.
    var text = ByteQueue()
    var methodPart = Part()
    var targetPart = Part()
    var pathAndQueryPart = Part()
    var pathPart = Part()
    var authorityPart = Part()
    var hostPart = Part()
    var tunnelProtocolPart = Part()
    /// What rules have put in the place of path and query, and of the authority; empty for nothing.
    var rewrittenPart = Part()
    var ruledAuthorityPart = Part()
    /// The index of the field that asks for an upgrade, or -1.
    var upgradeField = -1

    /// The method, if it is one that is told apart.
    public internal(set) var method = Method.other
    /// The version that the client speaks.
    public internal(set) var version = HTTPVersion.http11
    /// True exactly when the target itself says `https` (RFC 9110 §4.2.2).
    public internal(set) var demandsTLS = false
    /// The fields.
    public internal(set) var fields = FieldBlock()
    /// How the body's end is known.
    public internal(set) var framing = BodyFraming.none
    /// True exactly when the client lets the connection serve another request (RFC 9112 §9.3).
    public internal(set) var isKeepAlive = false
    /// True exactly when the client waits for 100 before it sends the body (RFC 9110 §10.1.1).
    public internal(set) var expectsContinue = false

    /// True exactly when the client asks for a tunnel of another protocol (RFC 8441 §4).
    public internal(set) var hasTunnelProtocol = false

    /// Makes an empty head.
    public init() {}

    /// How many bytes the head takes.
    public var byteCount: Int { text.count + fields.byteCount }

    /// How much memory the text has.
    var capacity: Int { text.capacity + fields.capacity }

    /// Forgets everything; keeps the memory.
    public mutating func reset() {
        text.removeAll()
        fields.removeAll()
        (methodPart, targetPart, pathAndQueryPart) = (Part(), Part(), Part())
        (pathPart, authorityPart, hostPart) = (Part(), Part(), Part())
        tunnelProtocolPart = Part()
        hasTunnelProtocol = false
        (rewrittenPart, ruledAuthorityPart) = (Part(), Part())
        upgradeField = -1
        method = .other
        version = .http11
        demandsTLS = false
        framing = .none
        isKeepAlive = false
        expectsContinue = false
    }

    /// The method as it was sent.
    public var methodBytes: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get { text.bytes.extracting(methodPart.range) }
    }

    /// The target as it was sent.
    public var target: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get { text.bytes.extracting(targetPart.range) }
    }

    /// The target in origin form, or `*` (RFC 9112 §3.2).
    public var pathAndQuery: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get { text.bytes.extracting(pathAndQueryPart.range) }
    }

    /// The path without the query.
    public var path: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get { text.bytes.extracting(pathPart.range) }
    }

    /// Host and port that the request is for: the target's, else the Host field's (RFC 9112
    /// §3.2.2).
    public var authority: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get { text.bytes.extracting(authorityPart.range) }
    }

    /// The authority without the port; IPv6 addresses keep their brackets.
    public var host: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get { text.bytes.extracting(hostPart.range) }
    }

    /// True exactly when the client asks to change the protocol on this connection (RFC 9110 §7.8).
    public var hasUpgrade: Bool { upgradeField >= 0 }

    /// The protocols that the client would change to; empty if it asks for none.
    public var upgrade: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get {
            upgradeField >= 0 ? fields.value(upgradeField) : text.bytes.extracting(0..<0)
        }
    }

    /// The protocol of the tunnel that an extended CONNECT asks for, as `websocket`; empty for any
    /// other request.
    public var tunnelProtocol: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get { text.bytes.extracting(tunnelProtocolPart.range) }
    }

    /// Copies a part to the end of `text`.
    mutating func store(_ bytes: Span<UInt8>) -> Part {
        let start = text.count
        text.append(bytes)
        return Part(start: start, end: text.count)
    }
}

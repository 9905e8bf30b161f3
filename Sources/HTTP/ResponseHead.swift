internal import Bytes

/// The head of a response: parsed, checked, and independent of the input that it came in.
///
/// Used again from response to response: after the first few, nothing is allocated.
public struct ResponseHead: ~Copyable {
    var text = ByteQueue()
    var contentLength: Int64?
    var isChunked = false
    /// True exactly when nothing follows the head of an HTTP/2 response.
    var endsWithHead = false
    /// The index of the field that names the new protocol, or -1.
    var upgradeField = -1

    /// Three digits, 100 to 599.
    public internal(set) var status = 0
    /// The version that the server speaks.
    public internal(set) var version = HTTPVersion.http11
    /// The fields.
    public internal(set) var fields = FieldBlock()
    /// True exactly when the server lets the connection serve another request (RFC 9112 §9.3).
    public internal(set) var isKeepAlive = false

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
        contentLength = nil
        isChunked = false
        endsWithHead = false
        upgradeField = -1
        status = 0
        version = .http11
        isKeepAlive = false
    }

    /// Adds a field of our own; name and value are known to be good.
    public mutating func add(name: Span<UInt8>, value: Span<UInt8>) {
        fields.append(name: name, value: value)
    }

    /// The reason as it was sent; may be empty.
    public var reason: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get { text.bytes }
    }

    /// True exactly when the server names a protocol that it changes to.
    public var hasUpgrade: Bool { upgradeField >= 0 }

    /// The protocol that the server changes to; empty if it names none.
    public var upgrade: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get {
            upgradeField >= 0 ? fields.value(upgradeField) : text.bytes.extracting(0..<0)
        }
    }

    /// True exactly when the fields announce a body that the status forbids (RFC 9112 §6.1,
    /// RFC 9110 §8.6, RFC 9110 §15.3.6): some recipients would read it, some would take it for the
    /// next response. A length of 0 is wrong as well, but common, and has one meaning.
    var framesNothing: Bool {
        if status == 205 { return contentLength ?? 0 > 0 }
        return (status < 200 || status == 204) && (isChunked || contentLength ?? 0 > 0)
    }

    /// How the body's end is known (RFC 9112 §6.3): some responses have none whatever their fields
    /// say.
    public func framing(requestMethod: Method) -> BodyFraming {
        if requestMethod == .head || status < 200 || status == 204 || status == 304 { return .none }
        if isChunked { return .chunked }
        if let contentLength { return .length(contentLength) }
        return endsWithHead ? .none : .untilClose
    }
}

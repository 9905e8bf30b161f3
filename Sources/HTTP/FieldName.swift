internal import Bytes

/// The field names that a proxy looks at; every other one is `other`.
public enum FieldName: UInt8, Sendable, CaseIterable {
    /// Any other name.
    case other
    /// `host` (RFC 9110 §7.2)
    case host
    /// `connection` (RFC 9110 §7.6.1)
    case connection
    /// `content-length` (RFC 9110 §8.6)
    case contentLength
    /// `transfer-encoding` (RFC 9112 §6.1)
    case transferEncoding
    /// `te` (RFC 9110 §10.1.4)
    case te
    /// `trailer` (RFC 9110 §6.6.2)
    case trailer
    /// `upgrade` (RFC 9110 §7.8)
    case upgrade
    /// `keep-alive` (RFC 9112 §C.2.2)
    case keepAlive
    /// `proxy-connection`
    case proxyConnection
    /// `proxy-authenticate`
    case proxyAuthenticate
    /// `proxy-authorization`
    case proxyAuthorization
    /// `proxy-authentication-info`
    case proxyAuthenticationInfo
    /// `expect` (RFC 9110 §10.1.1)
    case expect
    /// `date`
    case date
    /// `server`
    case server
    /// `via` (RFC 9110 §7.6.3)
    case via
    /// `forwarded` (RFC 7239 §4)
    case forwarded
    /// `x-forwarded-for`
    case xForwardedFor
    /// `x-forwarded-proto`
    case xForwardedProto
    /// `x-forwarded-host`
    case xForwardedHost
    /// `x-real-ip`
    case xRealIP
    /// `user-agent`
    case userAgent
    /// `referer`
    case referer
    /// `content-type`
    case contentType
    /// `content-encoding` (RFC 9110 §8.4)
    case contentEncoding
    /// `content-range` (RFC 9110 §14.4)
    case contentRange
    /// `cookie`
    case cookie
    /// `authorization`
    case authorization
    /// `location`
    case location
    /// `early-data` (RFC 8470 §5.1)
    case earlyData
    /// `http2-settings` (RFC 7540 §3.2.1)
    case http2Settings
    /// `priority` (RFC 9218 §5)
    case priority
    /// `client-cert` (RFC 9440 §2.2)
    case clientCert
    /// `client-cert-chain` (RFC 9440 §2.3)
    case clientCertChain
    /// `x-forwarded-client-cert`
    case xForwardedClientCert
    /// `sec-websocket-key` (RFC 6455 §11.3.1)
    case secWebSocketKey
    /// `sec-websocket-accept` (RFC 6455 §11.3.3)
    case secWebSocketAccept
    /// `www-authenticate` (RFC 9110 §11.6.1)
    case wwwAuthenticate

    /// Recognises a name in any case: its length and its ends decide which one it can be.
    public init(_ name: Span<UInt8>) {
        self = .other
        var candidates = FieldName.candidates(name)
        while let candidate = candidates.popFirst() {
            guard name.equalsIgnoringCase(candidate.spelling) else { continue }
            self = candidate
            return
        }
    }

    /// Recognises a name in any case in which underscores stand for hyphens.
    init(disguised name: Span<UInt8>) {
        self = .other
        let (underscore, hyphen) = (UInt8(ascii: "_"), UInt8(ascii: "-"))
        var candidates = FieldName.candidates(name)
        while let candidate = candidates.popFirst() {
            guard name.equalsIgnoringCase(candidate.spelling, reading: underscore, as: hyphen)
            else { continue }
            self = candidate
            return
        }
    }

    /// The name in lower case; empty for `other`.
    public var spelling: StaticString {
        switch self {
        case .other: ""
        case .host: "host"
        case .connection: "connection"
        case .contentLength: "content-length"
        case .transferEncoding: "transfer-encoding"
        case .te: "te"
        case .trailer: "trailer"
        case .upgrade: "upgrade"
        case .keepAlive: "keep-alive"
        case .proxyConnection: "proxy-connection"
        case .proxyAuthenticate: "proxy-authenticate"
        case .proxyAuthorization: "proxy-authorization"
        case .proxyAuthenticationInfo: "proxy-authentication-info"
        case .expect: "expect"
        case .date: "date"
        case .server: "server"
        case .via: "via"
        case .forwarded: "forwarded"
        case .xForwardedFor: "x-forwarded-for"
        case .xForwardedProto: "x-forwarded-proto"
        case .xForwardedHost: "x-forwarded-host"
        case .xRealIP: "x-real-ip"
        case .userAgent: "user-agent"
        case .referer: "referer"
        case .contentType: "content-type"
        case .contentEncoding: "content-encoding"
        case .contentRange: "content-range"
        case .cookie: "cookie"
        case .authorization: "authorization"
        case .location: "location"
        case .earlyData: "early-data"
        case .http2Settings: "http2-settings"
        case .priority: "priority"
        case .clientCert: "client-cert"
        case .clientCertChain: "client-cert-chain"
        case .xForwardedClientCert: "x-forwarded-client-cert"
        case .secWebSocketKey: "sec-websocket-key"
        case .secWebSocketAccept: "sec-websocket-accept"
        case .wwwAuthenticate: "www-authenticate"
        }
    }

    /// True exactly when such a field is for the next hop only, whatever `Connection` says
    /// (RFC 9110 §7.6.1).
    var isHopByHop: Bool {
        switch self {
        case .connection, .keepAlive, .proxyConnection, .te, .transferEncoding, .upgrade,
            .proxyAuthenticate, .proxyAuthorization, .proxyAuthenticationInfo, .http2Settings:
            true
        default: false
        }
    }

    /// The names that are of a name's shape: one at most, as long as no two of them share theirs.
    private static func candidates(_ name: Span<UInt8>) -> FieldNameSet {
        guard !name.isEmpty else { return [] }
        return byShape[shape(name.count, name[0], name[name.count - 1])]
    }

    /// Length and ends in a number below 128; the factors are such that the known names differ.
    static func shape(_ count: Int, _ first: UInt8, _ last: UInt8) -> Int {
        (count &* 3 &+ Int(first | 0x20) &* 5 &+ Int(last | 0x20) &* 7) & 127
    }

    /// For each shape the names that have it.
    private static let byShape: [FieldNameSet] = {
        var rows = [FieldNameSet](repeating: [], count: 128)
        for name in allCases where name != .other {
            let letters = Array("\(name.spelling)".utf8)
            rows[shape(letters.count, letters[0], letters[letters.count - 1])].insert(name)
        }
        return rows
    }()
}

/// A set of field names: one bit each.
public struct FieldNameSet: Sendable, ExpressibleByArrayLiteral {
    private var bits: UInt64 = 0

    /// Makes the set of these names.
    public init(_ names: [FieldName]) {
        for name in names { insert(name) }
    }

    /// Makes the set of these names.
    public init(arrayLiteral names: FieldName...) { self.init(names) }

    /// Adds a name.
    public mutating func insert(_ name: FieldName) { bits |= 1 << UInt64(name.rawValue) }

    /// Takes a name out of the set; nil where it is empty.
    mutating func popFirst() -> FieldName? {
        guard bits != 0 else { return nil }
        let name = FieldName(rawValue: UInt8(bits.trailingZeroBitCount))
        bits &= bits &- 1
        return name
    }

    /// True exactly when the name is in the set; `other` never is.
    public func contains(_ name: FieldName) -> Bool {
        name != .other && bits >> UInt64(name.rawValue) & 1 == 1
    }
}

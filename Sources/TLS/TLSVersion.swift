/// A version of TLS that Martlet speaks, with its number on the wire (RFC 8446 §4.1.2).
public enum TLSVersion: UInt16, Sendable, CaseIterable, Comparable {
    /// RFC 5246.
    case tls12 = 0x0303
    /// RFC 8446.
    case tls13 = 0x0304

    /// The name in logs and metrics.
    public var label: String {
        switch self {
        case .tls12: return "TLSv1.2"
        case .tls13: return "TLSv1.3"
        }
    }

    /// Older versions come first.
    public static func < (left: TLSVersion, right: TLSVersion) -> Bool {
        left.rawValue < right.rawValue
    }
}

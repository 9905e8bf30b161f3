/// A response of a certificate's authority that says: not revoked (RFC 6960 §2.2); verified.
public final class OCSPStaple: Sendable {
    /// The whole response in DER, as clients get it.
    public let bytes: [UInt8]
    /// From when on it is right, in seconds since 1970.
    public let thisUpdate: Int64
    /// Until when it may be used, in seconds since 1970.
    public let nextUpdate: Int64

    /// Describes a response that was verified.
    init(bytes: [UInt8], thisUpdate: Int64, nextUpdate: Int64) {
        self.bytes = bytes
        self.thisUpdate = thisUpdate
        self.nextUpdate = nextUpdate
    }

    /// True exactly when clients may be sent it at `now`, in seconds since 1970.
    public func isCurrent(at now: Int64) -> Bool { now < nextUpdate }
}

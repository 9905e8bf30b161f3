/// What a verified OCSP response says of a certificate (RFC 6960 §2.2).
public enum OCSPVerdict: Sendable {
    /// It is not revoked; may be stapled.
    case good(OCSPStaple)
    /// It is revoked, since when in seconds since 1970, and why in the words of RFC 5280 §5.3.1;
    /// and from when on the response is right, in seconds since 1970.
    case revoked(since: Int64, reason: String, thisUpdate: Int64)
}

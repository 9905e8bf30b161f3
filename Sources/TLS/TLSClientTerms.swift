/// What connections to a server are to be: whom they trust, what they show and what they offer.
public struct TLSClientTerms: Sendable {
    /// The authorities that are trusted; nil where the certificate is not verified.
    public var authorities: ClientAuthorities?
    /// With any, each authority below a trusted one needs one, and so does a trusted one for the
    /// servers that it vouches for.
    public var lists: [RevocationLists] = []
    /// The keys of which a server must have one; empty where any will do.
    public var pins: [PublicKeyPin] = []
    /// What is shown to a server that asks for a certificate.
    public var credential: Credential?
    /// The oldest and the newest version that is offered.
    public var versions: ClosedRange<TLSVersion> = .tls12 ... .tls13
    /// The application protocol that is offered; empty for none.
    public var applicationProtocol = ""

    /// Begins with a server whose certificate one of these authorities has to vouch for.
    public init(authorities: ClientAuthorities?) { self.authorities = authorities }

    /// What tells these terms from others: a digest over all that they say, so that equal ones have
    /// the same wherever they were read.
    var identity: [UInt8] {
        var text: [UInt8] = authorities == nil ? [0] : [1]
        for encoding in authorities?.encodings ?? [] { text += Digest.sha256(encoding) }
        for pin in pins.map(\.text).sorted() { text += Array("\n\(pin)".utf8) }
        let own = credential.map { "\($0.sha256Fingerprint) \($0.chainLength)" } ?? ""
        let range = "\(versions.lowerBound.rawValue) \(versions.upperBound.rawValue)"
        text += Array("\n\(own)\n\(range)\n\(applicationProtocol)".utf8)
        if !lists.isEmpty { text += Array("\nlists\n".utf8) }
        for encoding in lists.flatMap(\.encodings) { text += Digest.sha256(encoding) }
        return Digest.sha256(text)
    }
}

internal import Bytes
internal import TLS

/// What rules may say of a connection's TLS: asked for once, since it does not change.
struct ConnectionFacts {
    /// As `TLSv1.3`; empty without TLS.
    var version: [UInt8] = []
    /// The cipher suite; empty without TLS.
    var cipher: [UInt8] = []
    /// The name in the ClientHello; empty where there was none.
    var serverName: [UInt8] = []
    /// The subject of the client's certificate; empty where it has shown none.
    var subject: [UInt8] = []
}

extension DownstreamConnection {
    /// What rules may say of the connection.
    var facts: ConnectionFacts {
        if let known = knownFacts { return known }
        var facts = ConnectionFacts()
        facts.version = Array((tls?.version?.label ?? "").utf8)
        facts.cipher = Array((tls?.cipherSuite ?? "").utf8)
        facts.serverName = Array((tls?.serverName ?? "").utf8)
        facts.subject = tls?.clientIdentity?.subject ?? []
        knownFacts = facts
        return facts
    }
}

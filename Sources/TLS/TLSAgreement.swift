internal import Bytes
internal import COpenSSL

/// What client and server have agreed on once a handshake is done.
public struct TLSAgreement: Sendable {
    /// The version in use.
    public let version: TLSVersion?
    /// True exactly when the session goes on from a ticket.
    public let isResumed: Bool
    /// True exactly when the client's early data was accepted.
    public let isEarlyDataAccepted: Bool
    /// The number of the suite in use (RFC 8446 §B.4).
    public let cipherSuiteID: UInt16?
    /// OpenSSL's number of the group of the key exchange; nil where there was none, as where TLS
    /// 1.2 resumes.
    public let groupID: UInt16?
    /// True exactly when the connection is one of HTTP/2 (RFC 9113 §3.2).
    public let speaksHTTP2: Bool
}

extension TLSSession {
    /// What was agreed on, all at once.
    public var agreement: TLSAgreement {
        TLSAgreement(
            version: version, isResumed: isResumed, isEarlyDataAccepted: isEarlyDataAccepted,
            cipherSuiteID: cipherSuiteID, groupID: groupID, speaksHTTP2: speaksHTTP2)
    }

    /// True exactly when HTTP/2 was agreed on (RFC 9113 §3.2), be the handshake done or not.
    public var speaksHTTP2: Bool { channel.withProtocol { $0.equals("h2") } }
}

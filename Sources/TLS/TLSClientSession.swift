public import Bytes
internal import COpenSSL

/// The client's side of one TLS connection, without a socket, as `TLSSession` is the server's.
@safe public struct TLSClientSession: ~Copyable {
    private let context: TLSClientContext
    // SAFETY: owner: this value; lifetime: until `deinit`, for the session and its transport; one
    // thread at a time.
    private var channel: SSLChannel
    /// True exactly when the server has sent too much that carries nothing.
    public private(set) var isFlooded = false

    /// Makes a session that asks for `serverName`, and resumes `ticket` where there is one.
    ///
    /// - Throws: `TLSError` where the name is none or memory is short.
    public init(context: TLSClientContext, serverName: String?, ticket: TLSClientTicket? = nil)
        throws(TLSError)
    {
        guard let channel = unsafe SSLChannel(context: context.handle) else {
            throw ErrorQueue.takeError("make a session")
        }
        // SAFETY: OpenSSL copies the name, and counts its own reference to the ticket.
        if let serverName {
            guard unsafe martlet_SSL_set_tlsext_host_name(channel.session, serverName) == 1,
                unsafe SSL_set1_host(channel.session, serverName) == 1
            else { throw ErrorQueue.takeError("ask for '\(serverName)'") }
        }
        // A copy: a session that ends without close_notify makes OpenSSL forget what it was resumed
        // from.
        if let ticket, let copy = unsafe SSL_SESSION_dup(ticket.handle) {
            unsafe SSL_set_session(channel.session, copy)
            unsafe SSL_SESSION_free(copy)
        }
        unsafe SSL_set_connect_state(channel.session)
        self.context = context
        self.channel = channel
    }

    /// Makes a session with the server of that name or address, whose certificate is judged by the
    /// context's terms.
    ///
    /// - Parameter namesProtocol: true where the context's application protocol is offered.
    /// - Throws: `TLSError` where the name is none or memory is short.
    public init(
        context: TLSClientContext, server: String?, ticket: TLSClientTicket?,
        namesProtocol: Bool = true
    ) throws(TLSError) {
        guard let channel = unsafe SSLChannel(context: context.handle) else {
            throw ErrorQueue.takeError("make a session")
        }
        if let server {
            // SAFETY: OpenSSL copies the name; an address is compared as one.
            unsafe SSL_set_hostflags(
                channel.session, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
            guard unsafe SSL_set1_host(channel.session, server) == 1 else {
                throw ErrorQueue.takeError("ask for '\(server)'")
            }
            // No address is a server name (RFC 6066 §3).
            let isAddress =
                server.contains(":") || server.allSatisfy { $0.isNumber || $0 == "." }
            if !isAddress,
                unsafe martlet_SSL_set_tlsext_host_name(channel.session, server) != 1
            {
                throw ErrorQueue.takeError("ask for '\(server)'")
            }
        }
        // SAFETY: no names are none, which is what stands in the ClientHello then.
        if !namesProtocol { unsafe SSL_set_alpn_protos(channel.session, nil, 0) }
        // A copy, as above. Who resumes is not judged, and so not where nobody could be, nor behind
        // the end of the certificate that was.
        if let ticket, !context.isOutdated, !(context.judgesServers && ticket.isServerExpired),
            let copy = unsafe SSL_SESSION_dup(ticket.handle)
        {
            unsafe SSL_set_session(channel.session, copy)
            unsafe SSL_SESSION_free(copy)
        }
        unsafe SSL_set_connect_state(channel.session)
        self.context = context
        self.channel = channel
    }

    /// Why the handshake failed; to be asked after it did.
    public var failure: ServerHandshakeFailure {
        if serverAlert != nil { return .refused }
        // SAFETY: lifetime: the session outlives the call.
        let verdict = unsafe SSL_get_verify_result(channel.session)
        guard context.judgesServers, verdict != X509_V_OK else { return .malformed }
        return ServerHandshakeFailure(verification: Int32(verdict))
    }

    /// The application protocol that was agreed on; nil where there is none.
    public var negotiatedProtocol: String? { channel.negotiatedProtocol }

    /// Goes on with the handshake; with no input first, for the ClientHello.
    public mutating func handshake(_ input: Span<UInt8>, output: inout ByteQueue)
        -> HandshakeOutcome
    {
        // A server sends no early data.
        var nothing = ByteQueue()
        return channel.handshake(input, earlyData: &nothing, output: &output)
    }

    /// Sends early data (RFC 8446 §4.2.10), the ClientHello before it; only before the handshake
    /// has begun, and with a ticket that allows it.
    public mutating func writeEarly(_ plaintext: Span<UInt8>, output: inout ByteQueue) -> Bool {
        let isWritten = channel.writeEarly(plaintext, output: &output)
        if !isWritten { ERR_clear_error() }
        return isWritten
    }

    /// True exactly when the server has accepted early data.
    public var isEarlyDataAccepted: Bool { channel.isEarlyDataAccepted }

    /// Decrypts all of `input` into `plaintext`.
    ///
    /// - Parameter idleLimit: how many messages that carry nothing are too many: KeyUpdates without
    ///   application data between them, and handshakes that were asked for. They fail the session.
    public mutating func read(
        _ input: Span<UInt8>, into plaintext: inout ByteQueue, output: inout ByteQueue,
        idleLimit: Int = .max
    ) -> TLSReadOutcome {
        let outcome = channel.read(
            input, into: &plaintext, output: &output, idleLimit: idleLimit)
        guard unsafe channel.transport.pointee.idleMessages.isExhausted else { return outcome }
        channel.giveUp()
        isFlooded = true
        return .failed
    }

    /// Seals all of `plaintext`; false where the session is over.
    public mutating func write(_ plaintext: Span<UInt8>, output: inout ByteQueue) -> Bool {
        channel.write(plaintext, output: &output)
    }

    /// Says `close_notify`.
    public mutating func close(output: inout ByteQueue) { channel.close(output: &output) }

    /// Updates the sending keys with the next bytes that are written, and asks for the same
    /// (RFC 8446 §4.6.3).
    public mutating func updateKeys() -> Bool {
        unsafe SSL_key_update(channel.session, SSL_KEY_UPDATE_REQUESTED) == 1
    }

    /// Asks for another handshake with the next bytes that are written; TLS 1.2 alone has that
    /// (RFC 5246 §7.4.1.2).
    public mutating func renegotiate() -> Bool {
        unsafe SSL_renegotiate(channel.session) == 1
    }

    /// True exactly when the session goes on from a ticket.
    public var isResumed: Bool { unsafe SSL_session_reused(channel.session) == 1 }

    /// The subject of the server's certificate; nil before there is one.
    public var serverSubject: String? {
        // SAFETY: lifetime: the certificate belongs to the session during the call.
        guard let certificate = unsafe SSL_get0_peer_certificate(channel.session) else {
            return nil
        }
        return unsafe CertificateFacts(certificate).subject
    }

    /// The alert by which the server has ended the session for a fault, or nil.
    public var serverAlert: UInt8? {
        let alert = unsafe channel.transport.pointee.alert
        return alert < 0 ? nil : UInt8(alert)
    }

    /// What resumes this session later; nil where the server gave no ticket yet.
    public var ticket: TLSClientTicket? {
        // A copy, as above: this session may end without close_notify as well.
        // SAFETY: the session belongs to the channel; the copy goes over to the ticket.
        guard let session = unsafe SSL_get_session(channel.session),
            unsafe SSL_SESSION_is_resumable(session) == 1,
            let copy = unsafe SSL_SESSION_dup(session)
        else { return nil }
        return unsafe TLSClientTicket(copy)
    }
}

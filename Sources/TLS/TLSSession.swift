public import Bytes
internal import COpenSSL

/// The server's side of one TLS connection, without a socket: bytes in, bytes and outcomes out.
///
/// One thread at a time. A call either decides control flow or moves bytes; nothing waits.
@safe public struct TLSSession: ~Copyable {
    /// Held, since OpenSSL's callbacks use it.
    let context: TLSContext
    // SAFETY: owner: this value; lifetime: until `deinit`, for the session and its transport; one
    // thread at a time.
    var channel: SSLChannel
    /// What is known of the client; nil until somebody asks.
    var client: ClientRecord?
    /// The first bytes, as long as they may be those of plain HTTP.
    private var opening = ByteQueue()
    /// True exactly when the first bytes were not those of plain HTTP.
    private var isOpened = false

    /// Makes a session that waits for a ClientHello.
    ///
    /// - Throws: `TLSError` where memory is short.
    public init(context: TLSContext) throws(TLSError) {
        guard let channel = unsafe SSLChannel(context: context.handle) else {
            throw ErrorQueue.takeError("make a session")
        }
        unsafe SSL_set_accept_state(channel.session)
        self.context = context
        self.channel = channel
        self.channel.readsEarlyData = context.earlyData != nil
    }

    /// Goes on with the handshake, and tells as well what has become of early data, as
    /// `takeEarlyDataFate` does. All of `input` is taken; `output` gets our flight, or the alert of
    /// a failure.
    ///
    /// - Parameter earlyData: gets what the client sends before the handshake has ended. It may be
    ///   what somebody has recorded and sends again (RFC 8446 §8), so that only harmless requests
    ///   are to be served before the outcome is `done`; answers to them can be written at once.
    public mutating func advance(
        _ input: Span<UInt8>, earlyData: inout ByteQueue, output: inout ByteQueue
    ) -> (outcome: HandshakeOutcome, fate: EarlyDataFate?) {
        let outcome = handshake(input, earlyData: &earlyData, output: &output)
        return (outcome, takeEarlyDataFate())
    }

    /// Goes on with the handshake, and leaves the fate of early data to be asked for.
    mutating func handshake(
        _ input: Span<UInt8>, earlyData: inout ByteQueue, output: inout ByteQueue
    ) -> HandshakeOutcome {
        if isOpened { return channel.handshake(input, earlyData: &earlyData, output: &output) }
        if opening.isEmpty {
            return open(with: input, earlyData: &earlyData, output: &output)
        }
        var first = ByteQueue()
        swap(&first, &opening)
        first.append(input)
        return open(with: first.bytes, earlyData: &earlyData, output: &output)
    }

    /// Looks at all that has come so far, which is kept where it does not suffice.
    private mutating func open(
        with input: Span<UInt8>, earlyData: inout ByteQueue, output: inout ByteQueue
    ) -> HandshakeOutcome {
        switch PlainHTTP.look(at: input) {
        case .undecided:
            opening.append(input)
            return .needsInput
        case .http:
            // Whoever asks again is told the same.
            opening.append(input)
            return .failed(.plainHTTP)
        case .other:
            isOpened = true
            return channel.handshake(input, earlyData: &earlyData, output: &output)
        }
    }

    /// Goes on with the handshake of a session whose context accepts no early data.
    mutating func handshake(_ input: Span<UInt8>, output: inout ByteQueue) -> HandshakeOutcome {
        var earlyData = ByteQueue()
        return handshake(input, earlyData: &earlyData, output: &output)
    }

    /// Decrypts all of `input` into `plaintext`; `output` gets what the protocol answers by itself.
    ///
    /// To be called once with no input after the handshake, for what came with its last message.
    ///
    /// - Parameter idleLimit: how many messages that carry nothing, as `takeIdleMessages` tells
    ///   their number, are too many: records behind them are dropped, and the connection is to be
    ///   ended.
    public mutating func read(
        _ input: Span<UInt8>, into plaintext: inout ByteQueue, output: inout ByteQueue,
        idleLimit: Int = .max
    ) -> TLSReadOutcome {
        channel.read(input, into: &plaintext, output: &output, idleLimit: idleLimit)
    }

    /// Seals all of `plaintext`; false where the session is over.
    ///
    /// - Parameter recordBytes: the most that goes into one record, 512 bytes to 16 KiB.
    public mutating func write(
        _ plaintext: Span<UInt8>, recordBytes: Int = 16_384, output: inout ByteQueue
    ) -> Bool {
        channel.write(plaintext, recordBytes: recordBytes, output: &output)
    }

    /// Says `close_notify`, once and only where the session is established and unbroken
    /// (RFC 8446 §6.1).
    public mutating func close(output: inout ByteQueue) {
        channel.close(output: &output)
    }

    /// True exactly when the client said `close_notify`.
    public var hasReceivedCloseNotify: Bool {
        unsafe SSL_get_shutdown(channel.session) & SSL_RECEIVED_SHUTDOWN != 0 && clientAlert == nil
    }

    /// The alert by which the client has ended the session for a fault, or nil.
    public var clientAlert: UInt8? {
        let alert = unsafe channel.transport.pointee.alert
        return alert < 0 ? nil : UInt8(alert)
    }

    /// The number of the site that the ClientHello chose; nil before it.
    public var site: Int? {
        let site = unsafe channel.transport.pointee.site
        return site < 0 ? nil : site
    }

    /// The host that the client asked for, as it spelled it; nil where it named none.
    ///
    /// It is that of the ClientHello: OpenSSL's own belongs to the session in TLS 1.2, and a
    /// resumed one has none.
    public var serverName: String? { unsafe channel.transport.pointee.serverName }

    /// True exactly when the client's early data was accepted.
    public var isEarlyDataAccepted: Bool { channel.isEarlyDataAccepted }

    /// What has become of the client's early data; nil where it has offered none. To be asked after
    /// each call to `handshake`, since a recording never comes to its end; told once.
    mutating func takeEarlyDataFate() -> EarlyDataFate? { channel.takeEarlyDataFate() }

    /// The version in use; nil before the handshake is done, unless early data was accepted.
    public var version: TLSVersion? {
        guard unsafe channel.transport.pointee.isEstablished || isEarlyDataAccepted else {
            return nil
        }
        return TLSVersion(rawValue: unsafe UInt16(truncatingIfNeeded: SSL_version(channel.session)))
    }

    /// True exactly when the session goes on from a ticket.
    public var isResumed: Bool { unsafe SSL_session_reused(channel.session) == 1 }

    /// The standard name of the suite in use; nil before the handshake is done.
    public var cipherSuite: String? {
        // SAFETY: lifetime: a constant of the library; bound: NUL.
        guard let suite = unsafe SSL_get_current_cipher(channel.session),
            let name = unsafe SSL_CIPHER_standard_name(suite)
        else { return nil }
        return unsafe String(cString: name)
    }

    /// OpenSSL's own name of the suite in use, which for those before TLS 1.3 is another, as
    /// "ECDHE-RSA-AES128-GCM-SHA256"; nil before the handshake is done.
    public var cipherName: String? {
        // SAFETY: lifetime: a constant of the library; bound: NUL.
        guard let suite = unsafe SSL_get_current_cipher(channel.session),
            let name = unsafe SSL_CIPHER_get_name(suite)
        else { return nil }
        return unsafe String(cString: name)
    }

    /// The credential that the client was shown, or of which its ticket is; nil where that cannot
    /// be told: a ticket does not say which of a site's several it is of.
    public var credential: Credential? {
        guard let site else { return nil }
        let candidates = context.store.sites[site].credentials
        if candidates.count == 1 { return candidates[0] }
        guard !isResumed, let leaf = unsafe SSL_get_certificate(channel.session) else { return nil }
        // SAFETY: only addresses are compared; the site's credentials own the certificates.
        return candidates.first { unsafe $0.leaf == leaf }
    }

    /// The number of the suite in use (RFC 8446 §B.4); nil before the handshake is done.
    public var cipherSuiteID: UInt16? {
        guard let suite = unsafe SSL_get_current_cipher(channel.session) else { return nil }
        return unsafe SSL_CIPHER_get_protocol_id(suite)
    }

    /// OpenSSL's number of the group of the key exchange; nil where there was none, as where TLS
    /// 1.2 resumes.
    public var groupID: UInt16? {
        let group = unsafe martlet_SSL_get_negotiated_group(channel.session)
        return group > 0 ? UInt16(truncatingIfNeeded: group) : nil
    }

    /// The name of the group of the key exchange.
    public var group: String? {
        // SAFETY: lifetime: a constant of the library; bound: NUL.
        let number = unsafe martlet_SSL_get_negotiated_group(channel.session)
        guard number > 0, let name = unsafe SSL_group_to_name(channel.session, number) else {
            return nil
        }
        return unsafe String(cString: name)
    }

    /// The versions that the client offered, best known first; empty before its ClientHello.
    public var offeredVersions: [String] {
        unsafe channel.transport.pointee.offeredVersions.names
    }

    /// The application protocol that was agreed on; nil where the client offered none.
    public var negotiatedProtocol: String? { channel.negotiatedProtocol }

    /// The longest run of KeyUpdates without application data in the last read (RFC 8446 §4.6.3),
    /// and all renegotiations that were refused.
    public var keyUpdatesWithoutBytes: Int {
        unsafe channel.transport.pointee.idleMessages.count
    }

    /// Updates the sending keys with the next bytes that are written, and asks for the same
    /// (RFC 8446 §4.6.3).
    public mutating func updateKeys() -> Bool {
        unsafe SSL_key_update(channel.session, SSL_KEY_UPDATE_REQUESTED) == 1
    }

    /// What came that cost work and carried nothing: KeyUpdates as in `keyUpdatesWithoutBytes`, and
    /// how many records with fewer than 64 bytes since the last call, beyond one for each KiB that
    /// went either way.
    public mutating func takeIdleMessages() -> (keyUpdates: Int, tinyRecords: Int) {
        // SAFETY: owner: the channel, which outlives the call.
        unsafe (
            channel.transport.pointee.idleMessages.count,
            channel.transport.pointee.idleMessages.takeTinyRecords()
        )
    }

    /// True exactly when `host` may be asked for on this connection: it leads to the site whose
    /// certificate was shown, or that certificate covers it (RFC 9110 §7.4); where a ticket does
    /// not tell which of the site's that was, one of them.
    public func serves(host: Span<UInt8>) -> Bool {
        guard let site else { return false }
        if case .site(let other) = context.store.select(serverName: host) {
            if other == site { return true }
            // A site that is strict in what it negotiates is not reached through a lax one.
            guard context.negotiatesAlike(site, other), context.asksAlike(site, other) else {
                return false
            }
        }
        let name = String(copying: host)
        if let credential { return credential.covers(host: name) }
        return context.store.sites[site].credentials.contains { $0.covers(host: name) }
    }
}

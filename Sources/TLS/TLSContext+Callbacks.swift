internal import Bytes
internal import COpenSSL

extension TLSContext {
    /// Tells OpenSSL whom to ask during handshakes.
    func installCallbacks() {
        // SAFETY: lifetime: each session holds this context, so the callbacks never outlive it.
        let address = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe SSL_CTX_set_client_hello_cb(handle, chooseSite, address)
        unsafe SSL_CTX_set_cert_cb(handle, lendCredentials, address)
        unsafe SSL_CTX_set_alpn_select_cb(handle, chooseProtocol, address)
        unsafe SSL_CTX_set_info_callback(handle, observe)
        unsafe martlet_SSL_CTX_set_tlsext_status_cb(handle, sendStaple, address)
    }
}

/// The context that a callback was registered with.
private func context(_ argument: UnsafeMutableRawPointer?) -> TLSContext? {
    // SAFETY: lifetime: the session that calls back holds the context.
    unsafe argument.map { unsafe Unmanaged<TLSContext>.fromOpaque($0).takeUnretainedValue() }
}

/// The transport of a session.
func transport(_ session: OpaquePointer?) -> UnsafeMutablePointer<Transport>? {
    // SAFETY: lifetime: `SSLChannel` frees the session before the transport.
    unsafe SSL_get_ex_data(session, 0)?.assumingMemoryBound(to: Transport.self)
}

/// Chooses the site by the ClientHello's server name, before OpenSSL looks for a ticket, which is
/// bound to the site.
private func chooseSite(
    _ session: OpaquePointer?, _ alert: UnsafeMutablePointer<Int32>?,
    _ argument: UnsafeMutableRawPointer?
) -> Int32 {
    // SAFETY: lifetime: the session, its transport and its context outlive this call.
    guard let context = unsafe context(argument), let transport = unsafe transport(session) else {
        return SSL_CLIENT_HELLO_ERROR
    }
    var start: UnsafePointer<UInt8>?
    var count = 0
    // SAFETY: lifetime: the extension belongs to the session during this call; bound: the count
    // that OpenSSL returns.
    let hasName =
        unsafe SSL_client_hello_get0_ext(session, UInt32(TLSEXT_TYPE_server_name), &start, &count)
        == 1
    let bytes = unsafe UnsafeRawBufferPointer(
        start: hasName ? start : nil, count: hasName ? count : 0)
    let name = unsafe serverName(in: Span<UInt8>(_unsafeBytes: bytes))
    unsafe transport.pointee.serverName = name.isEmpty ? nil : String(copying: name)
    unsafe transport.pointee.offeredVersions = offeredVersions(session)
    let offered = unsafe context.store.tellsByProtocol ? offeredProtocols(session) : []
    // A site that takes TLS untouched is found before TLS begins; who comes here all the same sent
    // something else than a ClientHello that can be passed on.
    guard
        case .site(let site) = context.store.select(
            serverName: name, offering: offered.span),
        context.store.sites[site].service != .passthrough
    else {
        unsafe transport.pointee.isUnknownHost = true
        unsafe alert?.pointee = SSL_AD_UNRECOGNIZED_NAME
        return SSL_CLIENT_HELLO_ERROR
    }
    // A second ClientHello, after a HelloRetryRequest, asks for the same host (RFC 8446 §4.1.2).
    guard unsafe transport.pointee.site < 0 || transport.pointee.site == site else {
        unsafe alert?.pointee = SSL_AD_ILLEGAL_PARAMETER
        return SSL_CLIENT_HELLO_ERROR
    }
    unsafe transport.pointee.site = site
    guard let session = unsafe session,
        unsafe context.applySitePolicy(site, to: session),
        unsafe context.askClient(of: site, in: session)
    else {
        return SSL_CLIENT_HELLO_ERROR
    }
    if context.earlyData != nil, !context.store.sites[site].allowsEarlyData {
        unsafe SSL_set_max_early_data(session, 0)
    }
    if site != 0 {
        let identity = context.identities[site]
        // SAFETY: OpenSSL copies the bytes; bound: their count.
        guard unsafe SSL_set_session_id_context(session, identity, UInt32(identity.count)) == 1
        else {
            return SSL_CLIENT_HELLO_ERROR
        }
    }
    return SSL_CLIENT_HELLO_SUCCESS
}

/// The versions that a ClientHello offers: those of its extension, or all up to that of its head.
private func offeredVersions(_ session: OpaquePointer?) -> OfferedVersions {
    var start: UnsafePointer<UInt8>?
    var count = 0
    // SAFETY: lifetime: the extension belongs to the session during this call; bound: the count
    // that OpenSSL returns.
    let hasList =
        unsafe SSL_client_hello_get0_ext(
            session, UInt32(TLSEXT_TYPE_supported_versions), &start, &count) == 1
    guard hasList else {
        let legacy = unsafe SSL_client_hello_get0_legacy_version(session)
        return OfferedVersions(legacy: UInt16(truncatingIfNeeded: legacy))
    }
    let bytes = unsafe UnsafeRawBufferPointer(start: start, count: count)
    return OfferedVersions(extension: unsafe Span<UInt8>(_unsafeBytes: bytes))
}

/// The protocols that a ClientHello offers, as on the wire; empty where it offers none.
private func offeredProtocols(_ session: OpaquePointer?) -> [UInt8] {
    var start: UnsafePointer<UInt8>?
    var count = 0
    // SAFETY: lifetime: the extension belongs to the session during this call, and is copied;
    // bound: the count that OpenSSL returns.
    let type = UInt32(TLSEXT_TYPE_application_layer_protocol_negotiation)
    guard unsafe SSL_client_hello_get0_ext(session, type, &start, &count) == 1 else { return [] }
    let bytes = unsafe UnsafeRawBufferPointer(start: start, count: count)
    let list = ProtocolList.list(in: unsafe Span<UInt8>(_unsafeBytes: bytes))
    return [UInt8](copying: list)
}

/// The first host name of a server_name extension (RFC 6066 §3); empty where it is malformed, which
/// OpenSSL refuses.
@_lifetime(copy data)
private func serverName(in data: Span<UInt8>) -> Span<UInt8> {
    let none = data.extracting(0..<0)
    guard data.count > 5, data[2] == UInt8(TLSEXT_NAMETYPE_host_name) else { return none }
    let count = Int(data[3]) << 8 | Int(data[4])
    guard count <= data.count - 5, count <= TLSEXT_MAXLEN_host_name else { return none }
    return data.extracting(5..<(5 + count))
}

/// Lends the session its site's credentials; not asked where the session is resumed.
private func lendCredentials(_ session: OpaquePointer?, _ argument: UnsafeMutableRawPointer?)
    -> Int32
{
    // SAFETY: lifetime: the session, its transport and its context outlive this call.
    guard let context = unsafe context(argument), let transport = unsafe transport(session),
        let session = unsafe session
    else { return 0 }
    let site = unsafe transport.pointee.site
    guard let choice = context.choices[site] else {
        // Those of the first site are in the context already.
        guard site > 0 else { return 1 }
        unsafe martlet_SSL_certs_clear(session)
        for credential in context.store.sites[site].credentials.reversed() {
            guard unsafe credential.install(inSession: session) else { return 0 }
        }
        return 1
    }
    unsafe martlet_SSL_certs_clear(session)
    let credentials = context.store.sites[site].credentials
    let host = unsafe transport.pointee.serverName ?? ""
    for kind in (0..<choice.kindCount).reversed() {
        let place = choice.place(of: kind, for: host.utf8.span)
        guard unsafe credentials[place].install(inSession: session) else { return 0 }
    }
    return 1
}

/// Chooses the first of our protocols that the client offers (RFC 7301 §3.2).
private func chooseProtocol(
    _ session: OpaquePointer?, _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
    _ chosenCount: UnsafeMutablePointer<UInt8>?, _ offered: UnsafePointer<UInt8>?,
    _ offeredCount: UInt32,
    _ argument: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context = unsafe context(argument), let offered = unsafe offered,
        let transport = unsafe transport(session)
    else { return SSL_TLSEXT_ERR_ALERT_FATAL }
    let ours = context.protocols(of: unsafe transport.pointee.site)
    // Who speaks no protocol by name does not mind what the client offers.
    guard !ours.isEmpty else { return SSL_TLSEXT_ERR_NOACK }
    let theirs = unsafe Span<UInt8>(
        _unsafeBytes: UnsafeRawBufferPointer(start: offered, count: Int(offeredCount)))
    var start = 0
    while start < ours.count {
        let end = start + 1 + Int(ours[start])
        if let place = ProtocolList.find(ours.span.extracting(start..<end), in: theirs) {
            // SAFETY: lifetime: the offer belongs to the session until the handshake ends; bound:
            // checked by `ProtocolList`.
            unsafe chosen?.pointee = offered + place + 1
            unsafe chosenCount?.pointee = ours[start]
            return SSL_TLSEXT_ERR_OK
        }
        start = end
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL
}

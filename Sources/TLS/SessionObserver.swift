internal import COpenSSL

/// Told by OpenSSL what a session of either side goes through: notes the peer's alerts, and counts
/// its messages that cost work and carry nothing.
///
/// OpenSSL goes through all the input that it finds, an answer for each message: what comes behind
/// more than is borne is kept from it.
func observe(_ session: OpaquePointer?, _ place: Int32, _ value: Int32) {
    // SAFETY: lifetime: the session and its transport outlive this call; one thread at a time.
    if place == SSL_CB_ACCEPT_LOOP || place == SSL_CB_CONNECT_LOOP {
        let state = unsafe SSL_get_state(session)
        if state == TLS_ST_SR_KEY_UPDATE || state == TLS_ST_CR_KEY_UPDATE {
            unsafe transport(session)?.pointee.noteKeyUpdate()
        }
    } else if place == SSL_CB_READ_ALERT {
        if unsafe isError(value, from: session) {
            unsafe transport(session)?.pointee.alert = Int16(value & 0xff)
        }
    } else if place == SSL_CB_WRITE_ALERT, value == SSL3_AL_WARNING << 8 | SSL_AD_NO_RENEGOTIATION {
        unsafe transport(session)?.pointee.noteRefusal()
    }
}

/// True exactly when an alert, its level in the upper byte, ends the session for a fault.
private func isError(_ alert: Int32, from session: OpaquePointer?) -> Bool {
    // SAFETY: lifetime: the caller's session outlives the call.
    let state = unsafe SSL_get_state(session)
    // Until one of the two has answered, the version is the best that could be agreed on.
    let isAgreed = state != TLS_ST_BEFORE && state != TLS_ST_CW_CLNT_HELLO
    guard isAgreed, unsafe SSL_version(session) == TLS1_3_VERSION else {
        return alert >> 8 == SSL3_AL_FATAL
    }
    // In TLS 1.3 the level says nothing, and all others are errors (RFC 8446 §6).
    let kind = alert & 0xff
    return kind != SSL_AD_CLOSE_NOTIFY && kind != SSL_AD_USER_CANCELLED
}

/// An entry of `listeners` before the file as a whole has been judged.
struct ListenerDraft: Sendable {
    /// Where to listen.
    var addresses: [Located<AddressConfig>] = []

    /// Whether clients speak TLS here, and how.
    var setting = ListenerTLS()

    /// Whether clients speak TLS here.
    var tls: Bool { setting.isOn }

    /// Whether HTTP/2 is offered; nil where the key is absent.
    var http2: Located<Bool>?

    /// Whether requests are redirected; nil where the key is absent.
    var redirect: Located<Bool>?

    /// Whose word on who the client is is believed; nil where nobody is asked for it.
    var proxies: ProxyTrustDraft?

    /// The keys of an entry of `listeners`.
    static let shape = Shape(
        ListenerDraft(),
        keys: [
            Key("address", \.addresses, .oneOrMore(.located(.listenAddress)), required: true),
            Key("tls", \.setting, .listenerTLS),
            Key("http2", \.http2, .optional(.located(.boolean))),
            Key("redirect_to_https", \.redirect, .optional(.located(.boolean))),
            Key("proxy_protocol", \.proxies, .sectionOrOff(ProxyTrustDraft.shape)),
        ],
        check: { draft, _, _, context in
            if let http2 = draft.http2, http2.value, !draft.tls {
                context.error(
                    "'http2' needs TLS: clients learn in the handshake that it is offered",
                    at: http2.mark)
            }
            guard let redirect = draft.redirect, redirect.value, draft.tls else { return }
            context.error(
                "'redirect_to_https' needs 'tls: false' in the same listener", at: redirect.mark)
        })
}

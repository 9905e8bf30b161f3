/// An entry of `listeners` before the file as a whole has been judged.
struct ListenerDraft: Sendable {
    /// Where to listen.
    var addresses: [Located<AddressConfig>] = []

    /// Whether clients speak TLS here, and how.
    var setting = ListenerTLS()

    /// Whether clients speak TLS here.
    var tls: Bool { setting.isOn }

    /// Whether requests are redirected; nil where the key is absent.
    var redirect: Located<Bool>?

    /// The keys of an entry of `listeners`.
    static let shape = Shape(
        ListenerDraft(),
        keys: [
            Key("address", \.addresses, .oneOrMore(.located(.listenAddress)), required: true),
            Key("tls", \.setting, .listenerTLS),
            Key("redirect_to_https", \.redirect, .optional(.located(.boolean))),
        ],
        check: { draft, _, _, context in
            guard let redirect = draft.redirect, redirect.value, draft.tls else { return }
            context.error(
                "'redirect_to_https' needs 'tls: false' in the same listener", at: redirect.mark)
        })
}

/// An entry of `listeners` before the file as a whole has been judged.
struct ListenerDraft: Sendable {
    /// Where to listen.
    var addresses: [Located<AddressConfig>] = []

    /// Whether clients speak TLS here.
    var tls = true

    /// Whether requests are redirected; nil where the key is absent.
    var redirect: Located<Bool>?

    /// The keys of an entry of `listeners`.
    static let shape = Shape(
        ListenerDraft(),
        keys: [
            Key("address", \.addresses, .oneOrMore(.located(.listenAddress)), required: true),
            Key("tls", \.tls, .boolean),
            Key("redirect_to_https", \.redirect, .optional(.located(.boolean))),
        ],
        check: { draft, _, _, context in
            guard let redirect = draft.redirect, redirect.value, draft.tls else { return }
            context.error(
                "'redirect_to_https' needs 'tls: false' in the same listener", at: redirect.mark)
        })
}

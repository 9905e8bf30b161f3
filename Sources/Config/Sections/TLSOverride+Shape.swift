extension TLSOverride {
    /// The keys of `tls` in an entry of `listeners`.
    static let shape = Shape(
        TLSOverride(),
        keys: [
            Key("policy", \.policy, .optional(.choice)),
            Key("versions", \.versions, .optional(.versions)),
            Key("cipher_suites", \.cipherSuites, .optional(.names)),
            Key("groups", \.groups, .optional(.names)),
            Key("signature_algorithms", \.signatureAlgorithms, .optional(.names)),
        ])
}

extension ValueKind<[TLSOffer.Version]?> {
    /// A list of versions, or `auto` for the policy's.
    static let versions = ValueKind.optional(.list(of: .choice)).or("auto", nil)
}

extension ValueKind<[MarkedText]?> {
    /// A list of names, each of them once, or `auto` for the policy's.
    static let names = ValueKind<[Located<String>]>.list(of: .located(.text("a name")))
        .refined { names, context throws(Refusal) -> [MarkedText]? in
            var first: [String: SourceMark] = [:]
            for name in names {
                guard let mark = first.updateValue(name.mark, forKey: name.value.lowercased())
                else { continue }
                context.error(
                    "\(quoted(name.value)) is already listed at \(mark)", at: name.mark)
            }
            return names.map { MarkedText($0.value, mark: $0.mark) }
        }
        .or("auto", nil)
}

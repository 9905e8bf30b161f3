extension ClientCertificateConfig {
    /// The keys of `client_certificates` in the `tls` of a site.
    static let shape = Shape(
        ClientCertificateConfig(ca: FileReference(path: "")),
        keys: [
            Key("mode", \.mode, .choice, required: true),
            Key("ca", \.ca, .file, required: true),
            Key("depth", \.depth, .integer(0...10)),
            Key("crl", \.crl, .oneOrMore(.file)),
            Key("allow", \.allow, .list(of: .permission)),
        ])
}

extension ValueKind<FileReference> {
    /// The path of a file, resolved against the directory of the configuration.
    fileprivate static let file = ValueKind { node, context in
        ValueKind<String>.path.decode(node, &context).map {
            FileReference(path: $0, mark: node.mark)
        }
    }
}

extension ValueKind<String> {
    /// Who may come: a subject or an alternative name.
    fileprivate static let permission = ValueKind.text(
        "a subject such as CN=alice or a name such as *.clients.example"
    )
    .refined { text, _ throws(Refusal) in
        let rest = text.hasPrefix("*.") ? text.dropFirst(2) : text[...]
        // Subjects, URIs and mailboxes are compared as they are, and '*' may stand in them.
        let isName = !text.contains { $0 == "=" || $0 == ":" || $0 == "@" }
        guard !isName || (!rest.isEmpty && !rest.contains("*")) else {
            throw Refusal("\(quoted(text)): '*' stands for the whole first label of a name only")
        }
        return text
    }
}

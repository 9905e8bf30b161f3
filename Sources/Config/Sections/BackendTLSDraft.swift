/// The `tls` of a backend before its keys have been put together.
struct BackendTLSDraft: Sendable {
    /// What does not have to be put together.
    var config = BackendTLSConfig()

    /// The chain of the certificate that is shown.
    var certificate: FileReference?

    /// Its key.
    var key: FileReference?

    /// The file of the key's passphrase.
    var passphraseFile: FileReference?

    /// The keys of `tls` in an entry of `backends`.
    static let shape = Shape(
        BackendTLSDraft(),
        keys: [
            Key("server_name", \.config.serverName, .optional(.serverName)),
            Key("ca", \.config.ca, .optional(.plainFile)),
            Key("crl", \.config.crl, .oneOrMore(.plainFile)),
            Key("certificate", \.certificate, .optional(.plainFile)),
            Key("key", \.key, .optional(.plainFile)),
            Key("passphrase_file", \.passphraseFile, .optional(.plainFile)),
            Key("pins", \.config.pins, .oneOrMore(.pin)),
            Key("versions", \.config.versions, .versions),
            Key("verify", \.config.verifies, .onOrOff),
        ],
        check: { draft, _, mark, context in
            if (draft.certificate == nil) != (draft.key == nil) {
                context.error("'certificate' and 'key' need each other\(context.place)", at: mark)
            }
            if draft.passphraseFile != nil, draft.key == nil {
                context.error("'passphrase_file' needs 'key'\(context.place)", at: mark)
            }
            if !draft.config.verifies, !draft.config.crl.isEmpty {
                context.error(
                    "'crl' needs 'verify'\(context.place): nobody is judged without", at: mark)
            }
            if let pin = draft.config.pins.first, draft.config.pins.count == 1 {
                context.warning(
                    "there is one pin only: when the server's key is replaced, no request gets"
                        + " through; add the pin of a key that is kept in reserve",
                    at: pin.mark)
            }
            if !draft.config.verifies, draft.config.pins.isEmpty {
                context.warning(
                    "servers are not verified: whoever is in between can read and change"
                        + " everything; name their authority by 'ca', or their keys by 'pins'",
                    at: mark)
            }
        })

    /// The keys put together.
    func made(at mark: SourceMark) -> BackendTLSConfig {
        var config = config
        config.mark = mark
        if let certificate, let key {
            config.certificate = CertificatePair(
                chain: certificate.path, key: key.path, passphraseFile: passphraseFile?.path,
                chainMark: certificate.mark, keyMark: key.mark,
                passphraseMark: passphraseFile?.mark ?? SourceMark())
        }
        return config
    }
}

extension ValueKind<BackendTLSConfig?> {
    /// `true`, `off`, or a mapping with what differs.
    static let backendTLS = ValueKind(
        nestedPaths: BackendTLSDraft.shape.paths.map { ".\($0)" }
    ) { node, context in
        switch node.content {
        case .mapping:
            return BackendTLSDraft.shape.decode(node, &context).map { $0.made(at: node.mark) }
        case .scalar("true", .plain), .scalar("true", .substituted):
            return BackendTLSConfig(mark: node.mark)
        case .scalar("false", .plain), .scalar("false", .substituted), .scalar("off", _):
            return .some(nil)
        default:
            context.mismatch("true, off or a mapping", node)
            return nil
        }
    }
}

extension ValueKind<FileReference> {
    /// The path of a file, resolved against the directory of the configuration.
    fileprivate static let plainFile = ValueKind { node, context in
        ValueKind<String>.path.decode(node, &context).map {
            FileReference(path: $0, mark: node.mark)
        }
    }
}

extension ValueKind<MarkedText> {
    /// The digest of a public key.
    fileprivate static let pin = ValueKind { node, context in
        let expected = "a pin: sha256/ and 44 characters of Base64"
        guard let text = ValueKind<String>.text(expected).decode(node, &context) else { return nil }
        let digits = text.utf8.dropFirst("sha256/".utf8.count)
        let isPin =
            text.hasPrefix("sha256/") && digits.count == 44 && digits.last == UInt8(ascii: "=")
            && digits.dropLast().allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                    true
                default: false
                }
            }
        guard isPin else {
            context.mismatch(expected, node)
            return nil
        }
        return MarkedText(text, mark: node.mark)
    }
}

extension ValueKind<String> {
    /// What a server's certificate is for: a name or an address.
    fileprivate static let serverName = ValueKind.text("a host name or an IP address")
        .refined { text, _ throws(Refusal) in
            if let literal = IPLiteral(text) { return literal.description }
            return try HostText.name(text)
        }
}

extension BasicAuthConfig {
    /// The keys of `basic_auth`.
    static let shape = Shape(
        BasicAuthConfig(),
        keys: [
            Key("realm", \.realm, .realm),
            Key("users", \.users, .oneOrMore(.account)),
            Key("file", \.file, .optional(.passwordFile)),
            Key("pass", \.passes, .boolean),
        ],
        check: { auth, present, mark, context in
            if !present.contains("users"), !present.contains("file") {
                context.error("missing key 'users' or 'file'\(context.place)", at: mark)
            }
            var names: Set<String> = []
            for user in auth.users where !names.insert(user.name).inserted {
                context.error("the user \(quoted(user.name)) is there twice", at: mark)
            }
        })
}

extension ValueKind<PasswordEntry> {
    /// A name and its hash.
    fileprivate static let account = ValueKind<String>.text("an account such as alice:$2y$10$…")
        .refined { text, _ throws(Refusal) in
            do throws(PasswordEntry.Flaw) {
                return try PasswordEntry(text)
            } catch {
                throw Refusal(error.reason)
            }
        }
}

extension ValueKind<FileReference> {
    /// The path of a file, resolved against the directory of the configuration.
    fileprivate static let passwordFile = ValueKind { node, context in
        ValueKind<String>.path.decode(node, &context).map {
            FileReference(path: $0, mark: node.mark)
        }
    }
}

extension ValueKind<String> {
    /// A text that may stand in quotes in a field.
    fileprivate static let realm = ValueKind.text("a name such as restricted")
        .refined { text, _ throws(Refusal) in
            let isPlain = text.utf8.allSatisfy { byte in
                (0x20...0x7e).contains(byte) && byte != UInt8(ascii: "\"")
                    && byte != UInt8(ascii: "\\")
            }
            guard isPlain else {
                throw Refusal("\(quoted(text)) has other characters than ASCII, or a quote")
            }
            return text
        }
}

/// One key of a section: its name, what its value is, and where the value goes.
struct Key<Section: Sendable>: Sendable {
    /// The name in the file.
    let name: String

    /// Whether the section is an error without it.
    let isRequired: Bool

    /// The paths of all keys from here on down, this one first.
    let paths: [String]

    /// Decodes the value and puts it into the section; on an error the section stays as it is.
    let decode: @Sendable (YAMLNode, inout Section, inout DecodingContext) -> Void

    /// Declares a key whose value goes where `decode` puts it.
    init(
        name: String, isRequired: Bool, paths: [String],
        decode: @escaping @Sendable (YAMLNode, inout Section, inout DecodingContext) -> Void
    ) {
        self.name = name
        self.isRequired = isRequired
        self.paths = paths
        self.decode = decode
    }

    /// Declares a key.
    init<Value>(
        _ name: String, _ target: any WritableKeyPath<Section, Value> & Sendable,
        _ kind: ValueKind<Value>, required: Bool = false
    ) {
        self.name = name
        isRequired = required
        paths = [name] + kind.nestedPaths.map { name + $0 }
        decode = { node, section, context in
            if let value = kind.decode(node, &context) { section[keyPath: target] = value }
        }
    }
}

/// A piece of the configuration with the place where it stands; aliases and variables are resolved.
struct YAMLNode: Sendable {
    /// How a text was written, which decides what it may be taken for.
    enum Style: Sendable {
        /// Without quotes: what it is depends on how it looks.
        case plain
        /// In quotes or as a block: a text whatever it looks like.
        case quoted
        /// With environment variables in it: whatever is needed.
        case substituted
    }

    /// What a node is made of.
    enum Content: Sendable {
        /// One value.
        case scalar(String, Style)
        /// The items.
        case sequence([YAMLNode])
        /// The pairs in the order of the file, duplicates included.
        case mapping([(key: YAMLNode, value: YAMLNode)])
        /// A text whose variables could not be replaced, which has been reported.
        case unreadable
    }

    /// Where the node begins.
    let mark: SourceMark

    /// What the node is made of.
    let content: Content

    /// True exactly when nothing stands where a value should be.
    var isNull: Bool {
        guard case .scalar(let text, .plain) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// True exactly when YAML takes the value for a boolean or a number rather than for a text.
    var isNumberOrBoolean: Bool {
        guard case .scalar(let text, .plain) = content, let first = text.utf8.first else {
            return false
        }
        if ["true", "True", "TRUE", "false", "False", "FALSE"].contains(text) { return true }
        let mayBeNumber =
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
            || [UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: ".")].contains(first)
        return mayBeNumber && Double(text) != nil
    }

    /// What stands here, for the end of a message: `found …`.
    var found: String {
        switch content {
        case .unreadable: "nothing"
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .scalar where isNull: "nothing"
        case .scalar(let text, .quoted): "the text \(quoted(text))"
        case .scalar(let text, _): quoted(text)
        }
    }
}

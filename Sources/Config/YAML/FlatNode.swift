/// One node of a document in libyaml's form: its parts are indices into the array of all nodes.
///
/// An alias is the index of what its anchor stands at, so that parts can be shared and even
/// contain themselves; `YAMLTree` deals with both.
struct FlatNode: Sendable {
    /// What a node is made of.
    enum Content: Sendable {
        /// A text, and whether it stood there without quotes and block indicators.
        case scalar(String, isPlain: Bool)
        /// The items.
        case sequence([Int])
        /// The pairs in the order of the file, duplicates included.
        case mapping([(key: Int, value: Int)])
    }

    /// Where the node begins.
    let mark: SourceMark

    /// What the node is made of.
    let content: Content
}

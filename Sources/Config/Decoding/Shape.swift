/// All keys of a section, in the order of `conf/reference.yaml`, and what the section is without
/// any.
struct Shape<Section: Sendable>: Sendable {
    /// The defaults.
    let initial: Section

    /// The keys, each listed once.
    let keys: [Key<Section>]

    /// Judges the keys beside each other; gets the names that are present.
    let check: @Sendable (Section, Set<String>, SourceMark, inout DecodingContext) -> Void

    /// Declares a section.
    init(
        _ initial: Section, keys: [Key<Section>],
        check:
            @escaping @Sendable (Section, Set<String>, SourceMark, inout DecodingContext) -> Void =
            { _, _, _, _ in }
    ) {
        self.initial = initial
        self.keys = keys
        self.check = check
    }

    /// The paths of all keys: `timeouts.handshake`, `sites[].hosts`, `backends.*.servers`.
    var paths: [String] { keys.flatMap(\.paths) }

    /// Reads a section; nil exactly when the node is not a mapping.
    func decode(_ node: YAMLNode, _ context: inout DecodingContext) -> Section? {
        guard case .mapping(let pairs) = node.content else {
            context.mismatch("a mapping", node)
            return nil
        }
        var section = initial
        var present: Set<String> = []
        for (name, value) in context.uniqueKeys(of: pairs) {
            guard let key = keys.first(where: { $0.name == name.value }) else {
                reportUnknown(name, &context)
                continue
            }
            present.insert(key.name)
            context.at(key: key.name) { key.decode(value, &section, &$0) }
        }
        for key in keys where key.isRequired && !present.contains(key.name) {
            context.error("missing key '\(key.name)'" + context.place, at: node.mark)
        }
        check(section, present, node.mark, &context)
        return section
    }

    private func reportUnknown(_ name: Located<String>, _ context: inout DecodingContext) {
        let suggestion = context.suggestion(for: name.value, among: keys.map(\.name))
        context.error(
            "unknown key \(quoted(name.value))" + context.place + suggestion, at: name.mark)
    }
}

/// What becomes of the fields of a message on its way: each name is said once.
public struct FieldEditConfig: Sendable, Equatable {
    /// What becomes of one field.
    public enum Change: Sendable, Equatable {
        /// All of this name are replaced by these.
        case set([RuleText])
        /// These are added to what there is.
        case add([RuleText])
        /// All of this name are left out.
        case remove
    }

    /// A field and what becomes of it.
    public struct Edit: Sendable, Equatable {
        /// The name as the operator spells it.
        public var name: String
        /// What becomes of it.
        public var change: Change

        /// Makes the value.
        public init(name: String, change: Change) {
            self.name = name
            self.change = change
        }
    }

    /// The edits in the order of the file.
    public var edits: [Edit]

    /// Makes the value; what is left out has its default.
    public init(edits: [Edit] = []) { self.edits = edits }

    /// These edits, and those of `site` whose names are not among them.
    func merged(over site: FieldEditConfig) -> FieldEditConfig {
        let names = Set(edits.map { $0.name.lowercased() })
        return FieldEditConfig(
            edits: site.edits.filter { !names.contains($0.name.lowercased()) } + edits)
    }
}

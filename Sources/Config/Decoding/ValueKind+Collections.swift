extension ValueKind {
    /// A mapping with fixed keys.
    static func section(_ shape: Shape<Value>) -> ValueKind {
        ValueKind(nestedPaths: shape.paths.map { ".\($0)" }) { shape.decode($0, &$1) }
    }

    /// A mapping with fixed keys, or `off`.
    static func sectionOrOff<Section>(
        _ shape: Shape<Section>
    ) -> ValueKind where Value == Section? {
        ValueKind(nestedPaths: shape.paths.map { ".\($0)" }) { node, context in
            switch node.content {
            case .scalar("off", _), .scalar("false", _): return .some(nil)
            case .mapping: return .some(shape.decode(node, &context))
            default:
                context.mismatch("a mapping or off", node)
                return nil
            }
        }
    }

    /// A list of at least one item; items that are wrong are reported and left out.
    static func list<Item>(of kind: ValueKind<Item>) -> ValueKind where Value == [Item] {
        list(of: kind, mayBeEmpty: false)
    }

    /// A list that may be empty; items that are wrong are reported and left out.
    static func list<Item>(
        of kind: ValueKind<Item>, mayBeEmpty: Bool
    ) -> ValueKind where Value == [Item] {
        ValueKind(nestedPaths: kind.nestedPaths.map { "[]\($0)" }) { node, context in
            guard case .sequence(let items) = node.content else {
                context.mismatch("a list", node)
                return nil
            }
            if items.isEmpty && !mayBeEmpty {
                context.error("\(quoted(context.path)) needs at least one entry", at: node.mark)
            }
            var values: [Item] = []
            for (index, item) in items.enumerated() {
                let value = context.at(item: index) { kind.decode(item, &$0) }
                if let value { values.append(value) }
            }
            return values
        }
    }

    /// One value, or a list of at least one.
    static func oneOrMore<Item>(_ kind: ValueKind<Item>) -> ValueKind where Value == [Item] {
        let list = ValueKind.list(of: kind)
        return ValueKind(nestedPaths: list.nestedPaths) { node, context in
            if case .sequence = node.content { return list.decode(node, &context) }
            return kind.decode(node, &context).map { [$0] }
        }
    }

    /// A mapping whose keys are names that the operator chooses.
    static func named<Item>(
        _ kind: ValueKind<Item>
    ) -> ValueKind where Value == [(name: Located<String>, item: Item)] {
        ValueKind(nestedPaths: kind.nestedPaths.map { ".*\($0)" }) { node, context in
            guard case .mapping(let pairs) = node.content else {
                context.mismatch("a mapping", node)
                return nil
            }
            var items: [(name: Located<String>, item: Item)] = []
            for (name, value) in context.uniqueKeys(of: pairs) {
                let item = context.at(key: name.value) { kind.decode(value, &$0) }
                if let item { items.append((name, item)) }
            }
            return items
        }
    }
}

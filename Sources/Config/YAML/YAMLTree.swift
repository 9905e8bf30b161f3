/// Makes a tree of the nodes of a document: follows aliases, replaces variables, bounds the size.
///
/// Each node is made once, however often it is referred to, so the work is linear in the text; the
/// bounds hold for the tree as the decoder will walk it (the attack is known as "billion laughs").
struct YAMLTree {
    /// How deep values may be nested, the root being the first level.
    static let maximumDepth = 32

    /// How many nodes there may be with each alias counted as what it stands for.
    static let maximumNodes = 1_000_000

    private struct Made {
        let node: YAMLNode
        let size: Int
        let height: Int
    }

    private let nodes: [FlatNode]
    private var made: [Made?]

    /// What is wrong with the variables of the texts.
    private(set) var problems: [YAMLError] = []

    /// Prepares the tree of a document.
    init(_ nodes: [FlatNode]) {
        self.nodes = nodes
        made = Array(repeating: nil, count: nodes.count)
    }

    /// Makes the tree; nil for an empty document.
    ///
    /// - Throws: where the tree is too deep (as one that contains itself always is) or too large.
    mutating func root(
        environment: (String) -> String?
    ) throws(YAMLError) -> YAMLNode? {
        guard !nodes.isEmpty else { return nil }
        return try make(0, depth: 1, environment).node
    }

    private mutating func make(
        _ index: Int, depth: Int, _ environment: (String) -> String?
    ) throws(YAMLError) -> Made {
        let flat = nodes[index]
        let known = made[index]
        guard depth + (known?.height ?? 1) - 1 <= YAMLTree.maximumDepth else {
            throw YAMLError(
                mark: flat.mark,
                message: "values are nested deeper than \(YAMLTree.maximumDepth) levels")
        }
        if let known { return known }
        var size = 1
        var height = 1
        func part(_ tree: inout YAMLTree, _ index: Int) throws(YAMLError) -> YAMLNode {
            let part = try tree.make(index, depth: depth + 1, environment)
            size += part.size
            height = max(height, part.height + 1)
            guard size <= YAMLTree.maximumNodes else {
                throw YAMLError(
                    mark: flat.mark,
                    message: "there are more than \(YAMLTree.maximumNodes) values"
                        + " once aliases are followed")
            }
            return part.node
        }
        let content: YAMLNode.Content
        switch flat.content {
        case .scalar(let text, let isPlain):
            content = substituted(text, isPlain: isPlain, at: flat.mark, environment)
        case .sequence(let items):
            var parts: [YAMLNode] = []
            for item in items { parts.append(try part(&self, item)) }
            content = .sequence(parts)
        case .mapping(let pairs):
            var parts: [(key: YAMLNode, value: YAMLNode)] = []
            for pair in pairs {
                parts.append((try part(&self, pair.key), try part(&self, pair.value)))
            }
            content = .mapping(parts)
        }
        let result = Made(
            node: YAMLNode(mark: flat.mark, content: content), size: size, height: height)
        made[index] = result
        return result
    }

    private mutating func substituted(
        _ text: String, isPlain: Bool, at mark: SourceMark, _ environment: (String) -> String?
    ) -> YAMLNode.Content {
        guard text.utf8.contains(UInt8(ascii: "$")) else {
            return .scalar(text, isPlain ? .plain : .quoted)
        }
        switch Substitution.apply(to: text, environment: environment) {
        case .unchanged: return .scalar(text, isPlain ? .plain : .quoted)
        case .replaced(let text): return .scalar(text, .substituted)
        case .failed(let reason):
            problems.append(YAMLError(mark: mark, message: reason))
            return .unreadable
        }
    }
}

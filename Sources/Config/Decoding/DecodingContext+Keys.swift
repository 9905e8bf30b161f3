extension DecodingContext {
    /// Where a key is missing or wrong, for a message: ` in 'sites[0]'`, nothing at the root.
    var place: String { path.isEmpty ? "" : " in \(quoted(path))" }

    /// The pairs whose keys are texts, each key once; reports the others.
    mutating func uniqueKeys(
        of pairs: [(key: YAMLNode, value: YAMLNode)]
    ) -> [(name: Located<String>, value: YAMLNode)] {
        var firstMarks: [String: SourceMark] = [:]
        var unique: [(name: Located<String>, value: YAMLNode)] = []
        for (key, value) in pairs {
            guard case .scalar(let name, _) = key.content else {
                if case .unreadable = key.content { continue }
                error("expected a key\(place), found \(key.found)", at: key.mark)
                continue
            }
            if let first = firstMarks[name] {
                error(
                    "duplicate key \(quoted(name))\(place); it is already at \(first)",
                    at: key.mark)
                continue
            }
            firstMarks[name] = key.mark
            unique.append((Located(value: name, mark: key.mark), value))
        }
        return unique
    }
}

import Foundation

/// The keys of the configuration, as two files of `conf` have them.
enum KeyRules {
    /// The names of all properties, at any depth.
    static func keys(ofSchema text: String) -> Set<String> {
        guard let tree = try? JSONSerialization.jsonObject(with: Data(text.utf8)) else { return [] }
        return keys(inSchema: tree)
    }

    private static func keys(inSchema node: Any) -> Set<String> {
        var found: Set<String> = []
        if let list = node as? [Any] {
            for item in list { found.formUnion(keys(inSchema: item)) }
        }
        guard let object = node as? [String: Any] else { return found }
        for (name, value) in object {
            if name == "properties", let properties = value as? [String: Any] {
                found.formUnion(properties.keys)
                for property in properties.values { found.formUnion(keys(inSchema: property)) }
            } else {
                found.formUnion(keys(inSchema: value))
            }
        }
        return found
    }

    /// The keys of a YAML text without quoted keys, and those that its comments describe: `# key:
    /// …`.
    static func keys(ofYAML text: String) -> Set<String> {
        var found: Set<String> = []
        for line in text.split(separator: "\n") {
            if let key = line.firstMatch(of: /^[ #-]*([a-z0-9_]+):( |$)/) {
                found.insert(String(key.1))
            }
            for key in line.matches(of: #/[\x7B,] *([a-z0-9_]+): /#) { found.insert(String(key.1)) }
        }
        return found
    }
}

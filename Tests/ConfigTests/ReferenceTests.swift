import Testing

@testable import Config

struct ReferenceTests {
    /// The reference with its other forms (`#key: …`) in the place of the keys above them.
    private static func otherForms(_ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let others = lines.map { line in
            let form = line.drop { $0 == " " }
            guard form.hasPrefix("#"), form.dropFirst().first?.isLetter == true else { return "" }
            return String(repeating: " ", count: line.count - form.count) + form.dropFirst()
        }
        let replaced = Set(others.filter { $0 != "" }.map { $0.prefix { $0 != ":" } })
        return zip(lines, others).filter { line, other in
            other != "" || !line.hasSuffix(": off") || !replaced.contains(line.prefix { $0 != ":" })
        }.map { line, other in other == "" ? line : other }.joined(separator: "\n")
    }

    /// The paths of all keys of a tree, in the notation of `Shape.paths`.
    private static func paths(_ node: YAMLNode, _ prefix: String = "") -> Set<String> {
        var found: Set<String> = []
        switch node.content {
        case .scalar, .unreadable: break
        case .sequence(let items):
            for item in items { found.formUnion(paths(item, prefix + "[]")) }
        // Names of fields are the operator's.
        case .mapping where prefix.hasSuffix("_headers.set") || prefix.hasSuffix("_headers.add"):
            break
        case .mapping(let pairs):
            for (key, value) in pairs {
                guard case .scalar(let name, _) = key.content else { continue }
                if prefix == "backends" {
                    found.formUnion(paths(value, "backends.*"))
                    continue
                }
                let path = prefix.isEmpty ? name : "\(prefix).\(name)"
                found.insert(path)
                found.formUnion(paths(value, path))
            }
        }
        return found
    }

    @Test("The reference loads without a remark, and so do its other forms")
    func loads() throws {
        let text = try Repository.text(of: "conf/reference.yaml")
        #expect(load(text).diagnostics == [])
        #expect(load(ReferenceTests.otherForms(text)).diagnostics == [])
    }

    @Test("The minimal file has five lines and loads without a remark")
    func minimalFile() throws {
        let text = try Repository.text(of: "conf/minimal.yaml")
        #expect(text.split(separator: "\n").count == 5)
        #expect(load(text).diagnostics == [])
    }

    @Test("The reference spells exactly the keys that the decoder knows")
    func spellsEveryKey() throws {
        let text = ReferenceTests.otherForms(try Repository.text(of: "conf/reference.yaml"))
        var tree = YAMLTree(try YAMLReader.read(Array(text.utf8)))
        let root = try #require(try tree.root { _ in nil })
        #expect(ReferenceTests.paths(root) == Set(ConfigDraft.shape.paths))
    }

    @Test("Every default in the reference is the default in the code")
    func defaults() throws {
        let config = try #require(load(try Repository.text(of: "conf/reference.yaml")).config)
        var expected = ProxyConfig()
        expected.listeners = config.listeners
        expected.sites = config.sites
        expected.backends = config.backends
        #expect(config == expected)
        let listener = try #require(config.listeners.first)
        #expect(
            listener == ListenerConfig(addresses: listener.addresses, mark: listener.mark))
        let text = ReferenceTests.otherForms(try Repository.text(of: "conf/reference.yaml"))
        #expect(load(text).config?.accessLog == AccessLogConfig())
    }

    @Test("Each key of the decoder is listed once")
    func keysAreUnique() {
        #expect(Set(ConfigDraft.shape.paths).count == ConfigDraft.shape.paths.count)
    }

    @Test("Every key but the examples has a comment that says its default")
    func comments() throws {
        let text = try Repository.text(of: "conf/reference.yaml")
        for path in ConfigDraft.shape.paths {
            let name = path.split(separator: ".").last.map(String.init) ?? path
            let isSection = ConfigDraft.shape.paths.contains { $0.hasPrefix("\(path).") }
            let isExplained = text.contains("# \(name): ") || !path.contains(".")
            #expect(isExplained || isSection || path.hasSuffix("[]"), "\(path)")
        }
    }
}

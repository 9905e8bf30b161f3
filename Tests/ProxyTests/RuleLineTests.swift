import Bytes
import Testing

@testable import Proxy

@Suite("RuleLine")
struct RuleLineTests {
    @Test(
        "No value ends its line",
        arguments: [
            ("a\r\nX-Evil: 1", "aX-Evil: 1"), ("\n", ""), ("a\u{0}b", "ab"), ("\u{7f}a\tb", "ab"),
            ("plain ü", "plain ü"), ("", ""),
        ])
    func controls(value: String, passed: String) {
        let text = written { RuleLine.append(Array(value.utf8).span, to: &$0) }
        #expect(text == passed)
    }

    @Test(
        "Prefixes are taken off in whole segments",
        arguments: [
            ("/api", "/api", 4), ("/api", "/api/x", 4), ("/api", "/apix", 0), ("/api", "/ap", 0),
            ("/api", "/b/api", 0), ("", "/a", 0), ("/a/b", "/a/b/c", 4),
        ])
    func prefixes(prefix: String, path: String, start: Int) {
        let rule = RulePath(prefix: Array(prefix.utf8))
        let found = rule.start(in: Array(path.utf8).span)
        #expect(found == start)
    }
}

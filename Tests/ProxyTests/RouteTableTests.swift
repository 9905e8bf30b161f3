import Bytes
import Testing

@testable import Proxy

@Suite("RouteTable")
struct RouteTableTests {
    private func match(_ prefixes: [String], _ path: String) -> String? {
        let table = RouteTable(prefixes.enumerated().map { (path: $1, group: $0) })
        return table.match(Array(path.utf8).span).map { prefixes[$0] }
    }

    @Test(
        "The longest prefix wins, in whatever order the routes stand",
        arguments: [
            ("/", "/"), ("/x", "/"), ("/api", "/"), ("/api/", "/api/"), ("/api/v", "/api/"),
            ("/api/v1", "/api/v1"), ("/api/v1/users", "/api/v1"), ("/api/v2", "/api/"),
            ("/apix", "/"), ("/ap", "/"), ("/b", "/b"), ("/bc", "/b"), ("/zz", "/"),
        ])
    func longest(path: String, prefix: String) {
        let prefixes = ["/", "/api/", "/api/v1", "/b"]
        #expect(match(prefixes, path) == prefix)
        #expect(match(prefixes.reversed(), path) == prefix)
    }

    @Test(
        "Without a final slash a prefix also begins longer names",
        arguments: ["/api", "/api/", "/apix", "/api?"])
    func withoutSlash(path: String) {
        #expect(match(["/api"], path) == "/api")
    }

    @Test(
        "A path is compared byte by byte: nothing is decoded, folded or collapsed",
        arguments: [
            "/API/", "/%61pi/", "//api/", "/./api/", "/x/../api/", "/api%2F", "/api", "*", "",
        ])
    func untouched(path: String) {
        #expect(match(["/api/"], path) == nil)
    }

    @Test("A dot segment below a prefix stays below it", arguments: ["/api/../x", "/api/%2e%2e/x"])
    func dotSegments(path: String) {
        #expect(match(["/api/", "/"], path) == "/api/")
    }

    @Test("Of two equal prefixes the first counts")
    func equalPrefixes() {
        let table = RouteTable([(path: "/a", group: 7), (path: "/a", group: 8)])
        #expect(table.match(Array("/a".utf8).span) == 7)
    }

    @Test("An empty table matches nothing")
    func empty() {
        #expect(match([], "/") == nil)
    }

    /// Looks through all prefixes, as nobody would at ten thousand routes.
    private func slowMatch(_ prefixes: [String], _ path: String) -> String? {
        prefixes.filter { path.utf8.starts(with: $0.utf8) }.max { $0.utf8.count < $1.utf8.count }
    }

    @Test("Every path over two letters finds what a search through all prefixes finds")
    func exhaustive() {
        func words(_ length: Int) -> [String] {
            length == 0 ? [""] : words(length - 1).flatMap { [$0 + "a", $0 + "b"] }
        }
        let prefixes = ["/", "/a", "/ab", "/aba", "/abab", "/b", "/ba", "/bbb", "/bbbb"]
        for length in 0...6 {
            for word in words(length) {
                #expect(match(prefixes, "/" + word) == slowMatch(prefixes, "/" + word))
            }
        }
    }
}

import Testing

@testable import Server

struct ControlQueryTests {
    @Test(
        "Names and values are decoded",
        arguments: [
            ("a=1&b=2", "1"), ("a=", ""), ("a", ""), ("a=1&a=2", "1"), ("a=%41%c3%a4", "Aä"),
            ("a=1=2", "1=2"), ("%61=x", "x"), ("b=1", nil), ("", nil), ("&&a=1&", "1"),
            ("a=+", "+"),
        ] as [(String, String?)])
    func decodes(text: String, value: String?) throws {
        let query = try #require(ControlQuery(text))
        #expect(query["a"] == value)
    }

    @Test("An escape that is none is no query", arguments: ["a=%", "a=%4", "a=%4g", "%=1"])
    func broken(text: String) {
        #expect(ControlQuery(text) == nil)
    }

    @Test(
        "What is encoded is decoded again",
        arguments: ["127.0.0.1:9001", "[::1]:80", "unix:/run/a b&c=d%.sock", "http://a:1", "ä+"])
    func roundTrip(text: String) throws {
        let encoded = ControlQuery.encoded(text)
        #expect(encoded.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "&") })
        #expect(ControlQuery("x=\(encoded)&y=1")?["x"] == text)
    }
}

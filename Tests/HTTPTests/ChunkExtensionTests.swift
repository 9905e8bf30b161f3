import Testing

@testable import HTTP

struct ChunkExtensionTests {
    /// Nil where a byte is refused, else whether the line may end behind the last one.
    private func read(_ text: String) -> Bool? {
        var reader = ChunkExtension()
        for byte in text.utf8 where !reader.take(byte) { return nil }
        return reader.isComplete
    }

    @Test(
        "What the grammar has is taken (RFC 9112 §7.1.1)",
        arguments: [
            "a", "a=b", "a=\"b\"", "a=\"\"", "a=\"b\\\"c;d\\\\\"", " a", "\ta = b", "a;b=c ; d",
            "a=\"b\"; c", "a=\"\\ä é\"",
        ])
    func good(_ text: String) {
        #expect(read(text) == true)
    }

    @Test(
        "A line that ends too early, or in white space, is not complete",
        arguments: [
            "", " ", "a ", "a=", "a= ", "a=b ", "a;", "a=\"", "a=\"b", "a=\"b\\", "a=\"b\" ",
        ])
    func unfinished(_ text: String) {
        #expect(read(text) == false)
    }

    @Test(
        "What the grammar has not is refused",
        arguments: [
            ";", "=", "=a", "a b", "a=b c", "a==b", "a=b=c", "a=\"b\"c", "\"a\"", "a=b\"", "a,b",
            "a\0", "a=\"\n\"", "a=\"\0\"", "a=\"\\\n\"", "a=\"\u{7f}\"", "ä", "a=ä", "a=[b]",
        ])
    func bad(_ text: String) {
        #expect(read(text) == nil)
    }

    @Test("The extensions of one chunk are limited", arguments: [1_023, 1_024, 1_025])
    func limit(_ count: Int) {
        #expect(read(String(repeating: "a", count: count)) == (count > 1_024 ? nil : true))
    }
}

import Bytes
import Testing

@testable import HTTP

struct AuthorityTests {
    private func hostLength(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        return Authority.hostLength(bytes.span)
    }

    @Test(
        "Host and port are told apart",
        arguments: [
            ("a", 1), ("shop.example", 12), ("a.", 2), ("a_b-c~d", 7), ("A.B", 3), ("a:80", 1),
            ("a:0", 1), ("a:", 1), ("a:65535", 1), ("a:00080", 1), ("127.0.0.1:8080", 9),
            ("[::1]", 5), ("[::]", 4), ("[::1]:443", 5), ("[::1]:", 5), ("[FE80::1]", 9),
            ("[::ffff:127.0.0.1]:1", 18), ("[1:2:3:4:5:6:7:8]", 17),
        ])
    func good(_ text: String, _ length: Int) {
        #expect(hostLength(text) == length)
    }

    @Test(
        "A malformed authority is refused",
        arguments: [
            "", ":", ":80", "a:65536", "a:99999", "a:000080", "a:-1", "a:+1", "a:8a", "a:b", "a: 1",
            "a:1:2", "::1", "a b", "a,b", "a/b", "a?b", "a#b", "a@b", "u:p@a", "a\\b", "a%20b",
            "a\"b",
            "a<b", "a*b", "a\tb", "ä", "[", "[]", "[:]", "[::1", "::1]", "[::1]a", "[::1]a:80",
            "[::1]:a", "[::1]]", "[::1%eth0]", "[g::1]", "[a]b", "a[::1]", "[v1.a]", "[::1]:65536",
            "[1]", "[1:2:3:4:5:6:7]", "[1:2:3:4:5:6:7:8:9]", "[1::2::3]", "[:::]", "[12345::]",
            "[....]", "[1.2.3.4]", "[::1.2.3]", "[::1.2.3.256]", "[::1.2.3.4:1]",
            "[1:2:3:4:5:6:7:8::]",
            "[:1::2]", "[1::2:]", "[1:2:3:4:5:6:7:1.2.3.4]", "[::1.2.3.4.5]", "[::1.2..4]",
        ])
    func bad(_ text: String) {
        #expect(hostLength(text) == nil)
    }
}

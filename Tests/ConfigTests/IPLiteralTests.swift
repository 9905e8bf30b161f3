import Config
import Testing

struct IPLiteralTests {
    @Test(
        "Addresses are spelled in their canonical form",
        arguments: [
            ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("::", "::"), ("::1", "::1"),
            ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
            ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"), ("1::", "1::"),
            ("fe80::1:0:0:2", "fe80::1:0:0:2"),
            ("::ffff:1.2.3.4", "::ffff:102:304"), ("0:0:0:0:0:0:1.2.3.4", "::102:304"),
            ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ])
    func spelling(_ text: String, _ expected: String) throws {
        #expect(try #require(IPLiteral(text)).description == expected)
        #expect(IPLiteral(expected) == IPLiteral(text))
    }

    @Test(
        "What is not exactly an address is none",
        arguments: [
            "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.", "1.2.3.-4", "1.2.3.+4",
            "1.2.3.4 ", ":", ":::", "1:::2", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
            "1:2:3:4:5:6:7:8::", "::1%eth0", "[::1]", "12345::", "g::", "1.2.3.4::", "::1.2.3.4:5",
            ":1::", "1::2:", "+1::", "::1.2.3", "1:2:3:4:5:6:7:1.2.3.4",
        ])
    func refused(_ text: String) {
        #expect(IPLiteral(text) == nil)
    }
}

import Config
import Testing

struct AddressBlockTests {
    private static func block(_ text: String, _ length: Int) throws -> AddressBlock? {
        AddressBlock(address: try #require(IPLiteral(text)), prefixLength: length)
    }

    @Test(
        "A block contains the addresses that share its prefix",
        arguments: [
            ("10.0.0.0", 8, "10.255.255.255", true), ("10.0.0.0", 8, "11.0.0.0", false),
            ("0.0.0.0", 0, "255.255.255.255", true), ("10.1.2.3", 32, "10.1.2.3", true),
            ("10.1.2.2", 31, "10.1.2.3", true), ("10.1.2.3", 32, "10.1.2.2", false),
            ("2001:db8::", 32, "2001:db8:ffff::1", true), ("2001:db8::", 32, "2001:db9::", false),
            ("2001:db8::", 64, "2001:db8::ffff", true), ("2001:db8::", 64, "2001:db8:0:1::", false),
            ("::1", 128, "::1", true), ("::1", 128, "::2", false), ("::", 0, "ff::", true),
            ("2001:db8::8000:0:0:0", 65, "2001:db8::ffff:0:0:0", true),
            ("2001:db8::8000:0:0:0", 65, "2001:db8::7fff:0:0:0", false),
            ("::", 0, "0.0.0.0", false), ("0.0.0.0", 0, "::", false),
        ])
    func contains(_ first: String, _ length: Int, _ address: String, _ expected: Bool) throws {
        let block = try #require(try AddressBlockTests.block(first, length))
        #expect(block.contains(try #require(IPLiteral(address))) == expected)
    }

    @Test(
        "Bits behind the prefix and lengths beyond the address are refused",
        arguments: [
            ("10.0.0.1", 31), ("10.0.0.0", 33), ("10.0.0.0", -1), ("::1", 127), ("::", 129),
        ])
    func refused(_ first: String, _ length: Int) throws {
        #expect(try AddressBlockTests.block(first, length) == nil)
    }
}

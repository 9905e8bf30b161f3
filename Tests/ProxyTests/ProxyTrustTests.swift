import Config
import Platform
import Testing

@testable import Proxy

@Suite("ProxyTrust")
struct ProxyTrustTests {
    @Test(
        "Who is of a block is believed, and who comes by a socket file",
        arguments: [
            ("10.1.2.3:5", true), ("11.0.0.1:5", false), ("[2001:db8::1]:5", true),
            ("[2001:db8::2]:5", false), ("[::ffff:10.0.0.1]:5", true),
            ("[::ffff:11.0.0.1]:5", false), ("unix:/a", true),
        ])
    func trusts(_ text: String, _ expected: Bool) throws {
        let blocks = [
            AddressBlock(address: .ipv4(10 << 24), prefixLength: 8),
            AddressBlock(address: .ipv6(0x2001_0db8_0000_0000, 1), prefixLength: 128),
        ].compactMap(\.self)
        let peer = try #require(SocketAddress(text))
        #expect(ProxyTrust(blocks).trusts(peer) == expected)
    }
}

import HTTP
import Platform
import Testing

@testable import Proxy

@Suite("SocketAddress+ProxyEndpoint")
struct SocketAddressProxyEndpointTests {
    @Test(
        "An address is the same in a header",
        arguments: [
            ("192.0.2.1:5", ProxyEndpoint.ipv4(0xc000_0201, port: 5)),
            ("[2001:db8::1]:5", .ipv6(0x2001_0db8_0000_0000, 1, port: 5)),
        ])
    func same(_ text: String, _ endpoint: ProxyEndpoint) throws {
        let address = try #require(SocketAddress(text))
        #expect(address.endpoint == endpoint)
        #expect(SocketAddress(endpoint) == address)
    }

    @Test("An IPv4 address in an IPv6 address is the client that it stands for")
    func mapped() {
        let mapped = ProxyEndpoint.ipv6(0, 0xffff_c000_0201, port: 5)
        #expect(SocketAddress(mapped) == .ipv4(0xc000_0201, port: 5))
        #expect(
            SocketAddress.ipv6(0, 0xffff_c000_0201, port: 5).endpoint
                == .ipv4(0xc000_0201, port: 5))
        #expect(SocketAddress.unix("/a").endpoint == nil)
    }
}

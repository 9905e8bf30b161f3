import Bytes
import Platform
import Testing

@Suite("Socket address")
struct SocketAddressTests {
    @Test(
        "An address is written as it is read",
        arguments: [
            ("127.0.0.1:80", "127.0.0.1:80"), ("0.0.0.0:0", "0.0.0.0:0"),
            ("255.255.255.255:65535", "255.255.255.255:65535"), ("[::]:0", "[::]:0"),
            ("[::1]:443", "[::1]:443"), ("[2001:DB8:0:0:0:0:0:1]:8443", "[2001:db8::1]:8443"),
            ("[1:0:0:2:0:0:0:3]:1", "[1:0:0:2::3]:1"),
            ("[1:0:2:3:4:5:6:7]:1", "[1:0:2:3:4:5:6:7]:1"),
            ("[1::]:1", "[1::]:1"), ("[fe80::1:0:0:2]:1", "[fe80::1:0:0:2]:1"),
            ("[0:0:1:0:0:1:0:0]:1", "[::1:0:0:1:0:0]:1"),
            ("[::ffff:192.0.2.7]:1", "[::ffff:192.0.2.7]:1"),
            ("unix:/run/martlet/admin.sock", "unix:/run/martlet/admin.sock"),
            ("unix:a b", "unix:a b"),
        ])
    func roundTrip(_ text: String, _ expected: String) throws {
        let address = try #require(SocketAddress(text))
        #expect(address.description == expected)
        #expect(SocketAddress(expected) == address)
    }

    // A sign before the port was taken.
    @Test(
        "What is not exactly an address is refused",
        arguments: [
            "", ":", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
            "127.0.0.1:+80",
            "127.0.0.1: 80", "127.0.0.1:80 ", " 127.0.0.1:80", "127.0.0.1:8o", "127.0.0.1:0x50",
            "1.2.3:80", "1.2.3.4.5:80", "256.0.0.1:80", "01.2.3.4:80", "localhost:80",
            "example.org:443",
            "::1:80", "[::1]", "[::1]80", "[::1:80", "::1]:80", "[]:80", "[1::2::3]:80",
            "[::1%lo]:80",
            "[127.0.0.1]:80", "unix:", "/run/a.sock",
        ])
    func refused(_ text: String) {
        #expect(SocketAddress(text) == nil)
    }

    // The C library read up to the zero byte and called the rest an address.
    @Test("A zero byte is refused wherever it stands")
    func zeroByte() {
        for text in ["127.0.0.1\0x:80", "[::1\0]:80", "unix:/a\0b", "127.0.0.1:80\0"] {
            #expect(SocketAddress(text) == nil)
        }
    }

    @Test("A path fits up to 107 bytes", arguments: [(106, true), (107, true), (108, false)])
    func pathLength(_ length: Int, _ fits: Bool) {
        #expect((SocketAddress("unix:" + String(repeating: "p", count: length)) != nil) == fits)
    }

    @Test("Halves stand in host byte order")
    func halves() {
        #expect(SocketAddress("1.2.3.4:5") == .ipv4(0x0102_0304, port: 5))
        #expect(
            SocketAddress("[1:2:3:4:5:6:7:8]:9")
                == .ipv6(0x0001_0002_0003_0004, 0x0005_0006_0007_0008, port: 9))
    }

    @Test("The host is written without port, brackets or path")
    func host() throws {
        let expected = ["10.0.0.1:5": "10.0.0.1", "[::1]:5": "::1", "unix:/x": "unix:"]
        for (text, host) in expected {
            var queue = ByteQueue()
            try #require(SocketAddress(text)).appendHost(to: &queue)
            #expect(String(copying: queue.bytes) == host)
        }
    }

    @Test("A port can be replaced where there is one")
    func port() throws {
        #expect(SocketAddress("10.0.0.1:5")?.with(port: 6) == SocketAddress("10.0.0.1:6"))
        #expect(SocketAddress("[::1]:5")?.with(port: 6) == SocketAddress("[::1]:6"))
        #expect(SocketAddress("unix:/x")?.with(port: 6) == SocketAddress("unix:/x"))
        #expect(SocketAddress("[::1]:5")?.port == 5)
        #expect(SocketAddress.unix("/x").port == nil)
    }

    // ::1 and every Unix socket were counted as the same client.
    @Test("A client is an IPv4 address, an IPv6 /64, or the whole of the Unix sockets")
    func hostKey() {
        func key(_ text: String) -> AddressKey? { SocketAddress(text)?.hostKey }
        #expect(key("10.0.0.1:1") == key("10.0.0.1:2"))
        #expect(key("10.0.0.1:1") != key("10.0.0.2:1"))
        #expect(key("[2001:db8::1]:1") == key("[2001:db8::ffff:2]:2"))
        #expect(key("[2001:db8::1]:1") != key("[2001:db8:0:1::1]:1"))
        #expect(key("unix:/a") == key("unix:/b"))
        #expect(key("[::1]:1") != key("unix:/a"))
        #expect(key("[::1]:1") != key("0.0.0.0:1"))
    }

    @Test("The loopback's name resolves to loopback addresses with the port asked for")
    func resolve() throws {
        let found = try SocketAddress.resolve(host: "localhost", port: 8080)
        #expect(!found.isEmpty)
        for address in found {
            #expect(["127.0.0.1:8080", "[::1]:8080"].contains("\(address)"))
        }
        #expect(
            try SocketAddress.resolve(host: "192.0.2.9", port: 1) == [SocketAddress("192.0.2.9:1")])
    }

    @Test("A name without an address is an error that says so")
    func unresolvable() throws {
        let error = #expect(throws: SystemError.self) {
            try SocketAddress.resolve(host: "not a name", port: 1)
        }
        let text = try #require(error).description
        #expect(text.hasPrefix("resolve not a name: "))
        #expect(!text.hasSuffix("no result"))
    }
}

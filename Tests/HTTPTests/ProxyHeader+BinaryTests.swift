import Testing

@testable import HTTP

struct ProxyHeaderBinaryTests {
    private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10]
    private static let ipv4: [UInt8] = [192, 0, 2, 1, 198, 51, 100, 2, 0xdc, 4, 1, 0xbb]

    private func header(_ command: UInt8, _ family: UInt8, length: Int, _ rest: [UInt8]) -> [UInt8]
    {
        ProxyHeaderBinaryTests.signature
            + [command, family, UInt8(length >> 8), UInt8(length & 0xff)] + rest
    }

    @Test("The bytes are those of the specification")
    func bytes() {
        let known = ProxyHeader(
            source: .ipv4(0xc000_0201, port: 56_324), destination: .ipv4(0xc633_6402, port: 443))
        #expect(
            written(known, .v2) == header(0x21, 0x11, length: 12, ProxyHeaderBinaryTests.ipv4))
        #expect(written(.local, .v2) == header(0x20, 0, length: 0, []))
    }

    @Test("A proxy's own connection has no client, whatever else the header says")
    func local() {
        let bytes = header(0x20, 0x7f, length: 5, [1, 2, 3, 4, 5])
        #expect(ProxyHeader.parse(bytes.span) == .complete(.local, consumed: 21))
    }

    @Test("UNSPEC and AF_UNIX name no client", arguments: [(0x00, 0), (0x31, 216)])
    func nameless(_ family: UInt8, _ count: Int) {
        let bytes = header(0x21, family, length: count, Array(repeating: 47, count: count))
        #expect(ProxyHeader.parse(bytes.span) == .complete(.unknown, consumed: 16 + count))
    }

    @Test(
        "What the first 16 bytes forbid is refused",
        arguments: [
            (0x11, 0x11, .unknownCommand), (0x31, 0x11, .unknownCommand),
            (0x22, 0x11, .unknownCommand), (0x2f, 0x11, .unknownCommand),
            (0x21, 0x12, .unknownFamily), (0x21, 0x22, .unknownFamily),
            (0x21, 0x41, .unknownFamily), (0x21, 0x13, .unknownFamily),
            (0x21, 0x10, .unknownFamily), (0x21, 0x01, .unknownFamily),
            (0x21, 0x21, .tooShort), (0x21, 0x31, .tooShort),
        ] as [(UInt8, UInt8, ProxyFault)])
    func bad(_ command: UInt8, _ family: UInt8, _ fault: ProxyFault) {
        let bytes = header(command, family, length: 12, ProxyHeaderBinaryTests.ipv4)
        #expect(ProxyHeader.parse(bytes.span) == .failed(fault))
    }

    @Test("Addresses fit the length", arguments: [(0x11, 12), (0x21, 36), (0x31, 216)])
    func length(_ family: UInt8, _ needed: Int) {
        for count in [needed - 1, needed] {
            let bytes = header(0x21, family, length: count, Array(repeating: 1, count: count))
            if count < needed {
                #expect(ProxyHeader.parse(bytes.span) == .failed(.tooShort))
            } else {
                guard case .complete(_, let consumed) = ProxyHeader.parse(bytes.span) else {
                    Issue.record("it is refused")
                    continue
                }
                #expect(consumed == bytes.count)
            }
        }
    }

    @Test("A length that lies waits for its bytes, up to 4 KiB", arguments: [4079, 4080, 4081])
    func bound(_ length: Int) {
        let bytes = header(0x21, 0x11, length: length, ProxyHeaderBinaryTests.ipv4)
        #expect(
            ProxyHeader.parse(bytes.span) == (length <= 4080 ? .needsMore : .failed(.tooLong)))
    }
}

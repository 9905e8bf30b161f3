import Testing

@testable import HTTP

struct ProxyHeaderValuesTests {
    private static let plain = ProxyHeader(
        source: .ipv4(1, port: 2), destination: .ipv4(3, port: 4))

    /// A header with these bytes behind the addresses.
    private func header(_ values: [UInt8]) -> [UInt8] {
        var bytes = written(ProxyHeaderValuesTests.plain, .v2)
        bytes[14] = UInt8((12 + values.count) >> 8)
        bytes[15] = UInt8((12 + values.count) & 0xff)
        return bytes + values
    }

    @Test("Every value comes back")
    func roundTrip() {
        var sent = ProxyHeaderValuesTests.plain
        sent.applicationProtocol = Array("http/1.1".utf8)
        sent.authority = Array("example.com".utf8)
        sent.tls = ProxyTLSFacts(
            isTLS: true, hasCertificate: true, hasSessionCertificate: true, verification: 0,
            version: Array("TLSv1.2".utf8), commonName: [0xff, 0],
            cipher: Array("ECDHE-RSA-AES128-GCM-SHA256".utf8),
            signatureAlgorithm: Array("SHA256".utf8), keyAlgorithm: Array("RSA2048".utf8))
        for hasChecksum in [false, true] {
            sent.hasChecksum = hasChecksum
            let bytes = written(sent, .v2)
            #expect(ProxyHeader.parse(bytes.span) == .complete(sent, consumed: bytes.count))
        }
    }

    @Test("The flags of the client's certificate are those of the specification")
    func flags() {
        var sent = ProxyHeaderValuesTests.plain
        sent.tls = ProxyTLSFacts(hasCertificate: true, verification: 0x0102_0304)
        #expect(written(sent, .v2).suffix(8) == [0x20, 0, 5, 3, 1, 2, 3, 4])
        sent.tls = ProxyTLSFacts(hasSessionCertificate: true, verification: 0)
        #expect(written(sent, .v2).suffix(8) == [0x20, 0, 5, 5, 0, 0, 0, 0])
    }

    @Test("Unknown values are passed over")
    func unknown() {
        let bytes = header([
            4, 0, 2, 0, 0, 0xdf, 0, 0, 6, 0, 1, 9, 0xf0, 0, 1, 65, 0xff, 0, 1, 65, 2, 0, 1, 97,
        ])
        var expected = ProxyHeaderValuesTests.plain
        expected.authority = [97]
        #expect(ProxyHeader.parse(bytes.span) == .complete(expected, consumed: bytes.count))
    }

    @Test(
        "What is between others comes back as it came",
        arguments: [
            [5, 0, 2, 7, 8], [0x30, 0, 1, 65], [0xe0, 0, 0], [0xea, 0, 2, 1, 118],
            [0xee, 0, 1, 0], [0xef, 0, 1, 1, 0xef, 0, 1, 2], [0xe4, 0, 0, 5, 0, 0, 0x30, 0, 0],
        ] as [[UInt8]])
    func others(_ values: [UInt8]) {
        let bytes = header([4, 0, 1, 0] + values + [4, 0, 0, 0x40, 0, 1, 9])
        var expected = ProxyHeaderValuesTests.plain
        expected.others = values
        #expect(ProxyHeader.parse(bytes.span) == .complete(expected, consumed: bytes.count))
        #expect(Array(written(expected, .v2).suffix(values.count)) == values)
    }

    @Test("What is not known of the client's TLS comes back as it came")
    func othersOfTLS() {
        let bytes = header([
            0x20, 0, 13, 1, 0, 0, 0, 1, 0x26, 0, 2, 65, 66, 0x2f, 0, 0,
        ])
        var expected = ProxyHeaderValuesTests.plain
        expected.tls = ProxyTLSFacts(verification: 1)
        expected.tls?.others = [0x26, 0, 2, 65, 66, 0x2f, 0, 0]
        #expect(ProxyHeader.parse(bytes.span) == .complete(expected, consumed: bytes.count))
        #expect(written(expected, .v2) == bytes)
    }

    @Test(
        "1 KiB of values is kept, and of more what fits whole", arguments: [1022, 1023, 1024, 1025])
    func kept(_ total: Int) {
        // The long one fits or does not; the short one stands behind it.
        let long =
            [0xe1, UInt8((total - 3) >> 8), UInt8((total - 3) & 0xff)]
            + Array(repeating: 7, count: total - 3)
        var expected = ProxyHeaderValuesTests.plain
        expected.others = total <= 1024 ? long : [0xe2, 0, 1, 9]
        let bytes = header(long + [0xe2, 0, 1, 9])
        #expect(ProxyHeader.parse(bytes.span) == .complete(expected, consumed: bytes.count))
    }

    @Test("Each kind of value counts for what is kept", arguments: [1, 2, 0x20] as [UInt8])
    func keptOfEach(_ kind: UInt8) {
        for total in [1023, 1024, 1025] {
            let body: [UInt8] =
                kind == 0x20
                ? [1, 0, 0, 0, 0, 0x21, UInt8((total - 11) >> 8), UInt8((total - 11) & 0xff)]
                    + Array(repeating: 65, count: total - 11)
                : Array(repeating: 65, count: total - 3)
            let bytes = header(
                [kind, UInt8(body.count >> 8), UInt8(body.count & 0xff)] + body + [5, 0, 0])
            guard case .complete(let header, _) = ProxyHeader.parse(bytes.span) else {
                Issue.record("it is refused")
                continue
            }
            let counts = [
                header.applicationProtocol.count, header.authority.count,
                header.tls?.version.count ?? 0,
            ]
            #expect((counts.max() == 0) == (total > 1024))
            #expect(header.others == (total > 1024 ? [5, 0, 0] : []))
        }
    }

    /// The server was told of no TLS at all.
    @Test(
        "Of TLS facts that do not fit, those that nobody knows are dropped first",
        arguments: [1023, 1024, 1025, 1100])
    func keptOfTLS(_ total: Int) {
        let other = [0x40, UInt8((total - 15) >> 8), UInt8((total - 15) & 0xff)]
        let facts: [UInt8] =
            [1, 0, 0, 0, 0] + other + Array(repeating: 7, count: total - 15) + [0x21, 0, 1, 65]
        let bytes = header(
            [0x20, UInt8(facts.count >> 8), UInt8(facts.count & 0xff)] + facts + [5, 0, 1, 9])
        let isWhole = total <= 1024
        var expected = ProxyHeaderValuesTests.plain
        expected.tls = ProxyTLSFacts(isTLS: true, verification: 0, version: [65])
        if isWhole { expected.tls?.others = other + Array(repeating: 7, count: total - 15) }
        expected.others = isWhole ? [] : [5, 0, 1, 9]
        #expect(ProxyHeader.parse(bytes.span) == .complete(expected, consumed: bytes.count))
    }

    @Test(
        "A value that breaks the form is refused",
        arguments: [
            [2], [2, 0], [2, 0, 1], [2, 0xff, 0xff, 1], [2, 0, 1, 97, 2, 0, 1, 97],
            [5, 0, 0, 5, 0, 0], [0x30, 0, 0, 5, 0, 0, 0x30, 0, 0], [0xea, 0, 1],
            [3, 0, 3, 1, 2, 3], [3, 0, 5, 1, 2, 3, 4, 5], [0x20, 0, 4, 1, 0, 0, 0],
            [0x20, 0, 7, 1, 0, 0, 0, 0, 0x21, 0], [0x20, 0, 8, 1, 0, 0, 0, 0, 0x21, 0, 1],
            [0x20, 0, 11, 1, 0, 0, 0, 0, 0x21, 0, 0, 0x21, 0, 0],
        ] as [[UInt8]])
    func bad(_ values: [UInt8]) {
        #expect(ProxyHeader.parse(header(values).span) == .failed(.malformedValue))
    }

    @Test("A checksum that is there has to be right")
    func checksum() {
        var sent = ProxyHeaderValuesTests.plain
        sent.hasChecksum = true
        let good = written(sent, .v2)
        for index in 16..<good.count {
            var bytes = good
            bytes[index] ^= 0x40
            guard case .failed = ProxyHeader.parse(bytes.span) else {
                // The type of the checksum's value is the one byte that says that there is one.
                #expect(index == good.count - 7)
                continue
            }
        }
        var bytes = good
        bytes[20] ^= 1
        #expect(ProxyHeader.parse(bytes.span) == .failed(.wrongChecksum))
    }

    @Test("What no receiver takes is left out", arguments: [4095, 4096, 4097])
    func bound(_ count: Int) {
        var sent = ProxyHeaderValuesTests.plain
        sent.authority = Array(repeating: 97, count: count)
        #expect(written(sent, .v2).count == (count <= 4096 ? 31 + count : 28))
    }
}

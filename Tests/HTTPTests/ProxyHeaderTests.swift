import Bytes
import FuzzChecks
import TestSupport
import Testing

@testable import HTTP

struct ProxyHeaderTests {
    private static let clients: [ProxyHeader] = [
        .local, .unknown,
        ProxyHeader(
            source: .ipv4(0xc000_0201, port: 56_324), destination: .ipv4(0xc633_6402, port: 443)),
        ProxyHeader(source: .ipv4(0, port: 0), destination: .ipv4(.max, port: 65_535)),
        ProxyHeader(
            source: .ipv6(0x2001_0db8_0000_0000, 1, port: 1),
            destination: .ipv6(.max, .max, port: 65_535)),
    ]

    @Test("Both versions are read as they were written", arguments: clients)
    func roundTrip(_ header: ProxyHeader) {
        let binary = written(header, .v2)
        #expect(ProxyHeader.parse(binary.span) == .complete(header, consumed: binary.count))
        let line = written(header, .v1)
        // A line cannot tell a proxy's own connection from a client without an address.
        let said = header.isLocal ? .unknown : header
        #expect(ProxyHeader.parse(line.span) == .complete(said, consumed: line.count))
    }

    @Test("A header is the same however it comes", arguments: [ProxyVersion.v1, .v2])
    func splits(_ version: ProxyVersion) {
        for header in ProxyHeaderTests.clients + [full] {
            let bytes = written(header, version)
            let whole = ProxyHeader.parse(bytes.span)
            for end in 0..<bytes.count {
                #expect(ProxyHeader.parse(bytes.span.extracting(0..<end)) == .needsMore)
            }
            let more = bytes + Array("GET / HTTP/1.1\r\n".utf8)
            #expect(ProxyHeader.parse(more.span) == whole)
        }
    }

    @Test("Of two families the line and the header say IPv6")
    func mixed() {
        let header = ProxyHeader(
            source: .ipv4(0xc000_0201, port: 5), destination: .ipv6(1, 2, port: 6))
        let mapped = ProxyHeader(
            source: .ipv6(0, 0xffff_c000_0201, port: 5), destination: .ipv6(1, 2, port: 6))
        for version in [ProxyVersion.v1, .v2] {
            let bytes = written(header, version)
            #expect(ProxyHeader.parse(bytes.span) == .complete(mapped, consumed: bytes.count))
        }
    }

    @Test(
        "What is neither version is known by its first bytes",
        arguments: ["G", "\u{16}\u{3}\u{1}", "PROXX", "PRI * HTTP/2.0", "\r\n\r\nGET", "proxy "])
    func missing(_ text: String) {
        let bytes = Array(text.utf8)
        #expect(ProxyHeader.parse(bytes.span) == .failed(.missing))
    }

    @Test("Damaged headers keep the properties of the fuzzer", arguments: [1, 2, 3] as [UInt64])
    func damaged(_ seed: UInt64) throws {
        let inputs = try Corpus.inputs(of: "ProxyHeaders").filter { !$0.bytes.isEmpty }
        var generator = SeededGenerator(seed: seed)
        for round in 0..<2_000 {
            let mutant = MutationTests.mutate(inputs[round % inputs.count].bytes, &generator)
            do throws(Broken) {
                try ProxyHeaderCheck.run(mutant)
            } catch {
                Issue.record("\(mutant): \(error)")
            }
        }
    }

    private var full: ProxyHeader {
        var header = ProxyHeaderTests.clients[2]
        header.applicationProtocol = Array("h2".utf8)
        header.authority = Array("example.com".utf8)
        header.tls = ProxyTLSFacts(
            hasCertificate: true, verification: 0, version: Array("TLSv1.3".utf8),
            commonName: Array("client".utf8), cipher: Array("TLS_AES_128_GCM_SHA256".utf8))
        header.tls?.others = [0x26, 0, 1, 88]
        header.others = [5, 0, 2, 1, 2, 0xea, 0, 1, 3]
        header.hasChecksum = true
        return header
    }
}

/// A header's bytes.
func written(_ header: ProxyHeader, _ version: ProxyVersion) -> [UInt8] {
    var queue = ByteQueue()
    header.append(version, to: &queue)
    return [UInt8](copying: queue.bytes)
}

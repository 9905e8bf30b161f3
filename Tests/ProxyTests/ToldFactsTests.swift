import HTTP
import Testing

@testable import Proxy

struct ToldFactsTests {
    private static let plain = ProxyHeader(
        source: .ipv4(1, port: 2), destination: .ipv4(3, port: 4))

    /// A header that says all there is.
    private static var full: ProxyHeader {
        var header = plain
        header.applicationProtocol = Array("h2".utf8)
        header.authority = Array("told.test".utf8)
        header.tls = ProxyTLSFacts(version: Array("TLSv1.2".utf8))
        header.others = [0xea, 0, 1, 9]
        header.hasChecksum = true
        return header
    }

    @Test("Nothing is kept of a header with addresses only", arguments: [plain, .local, .unknown])
    func none(_ header: ProxyHeader) { #expect(ToldFacts(header) == nil) }

    @Test("Whatever a header says beyond that is a reason to keep it")
    func each() {
        var headers = Array(repeating: ToldFactsTests.plain, count: 5)
        headers[0].applicationProtocol = [1]
        headers[1].authority = [1]
        headers[2].tls = ProxyTLSFacts()
        headers[3].others = [0xe0, 0, 0]
        headers[4].hasChecksum = true
        for header in headers { #expect(ToldFacts(header) != nil) }
    }

    @Test("Where no TLS ends, servers are told all of it")
    func untouched() throws {
        let told = try #require(ToldFacts(ToldFactsTests.full))
        var header = ToldFactsTests.plain
        told.tell(in: &header, endsTLS: false)
        #expect(header == ToldFactsTests.full)
    }

    @Test("A name that was seen here goes before one that was told")
    func seen() throws {
        let told = try #require(ToldFacts(ToldFactsTests.full))
        var header = ToldFactsTests.plain
        header.authority = Array("seen.test".utf8)
        told.tell(in: &header, endsTLS: false)
        #expect(header.authority == Array("seen.test".utf8))
        #expect(header.tls == ToldFactsTests.full.tls)
    }

    @Test("Where TLS ends, what was told of another connection's TLS is not said")
    func sealed() throws {
        let told = try #require(ToldFacts(ToldFactsTests.full))
        var header = ToldFactsTests.plain
        told.tell(in: &header, endsTLS: true)
        var expected = ToldFactsTests.plain
        expected.others = [0xea, 0, 1, 9]
        expected.hasChecksum = true
        #expect(header == expected)
    }
}

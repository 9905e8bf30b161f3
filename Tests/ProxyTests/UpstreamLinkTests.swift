import HTTP
import Platform
import Testing

@testable import Proxy

@Suite("UpstreamLink")
struct UpstreamLinkTests {
    private static let start = MonotonicTime(nanoseconds: 100_000_000_000)

    private func link(resets: Int) throws -> UpstreamLink {
        let link = UpstreamLink(session: try HTTP2Session(role: .client, milliseconds: 0))
        for _ in 0..<resets { #expect(!link.noteReset(now: UpstreamLinkTests.start)) }
        return link
    }

    @Test("There are too many resets with the last that a connection may have")
    func limit() throws {
        let link = try link(resets: UpstreamLink.resetLimit - 1)
        #expect(link.noteReset(now: UpstreamLinkTests.start))
    }

    @Test("Resets count for as long as the window lasts", arguments: [-1, 0, 1])
    func window(beyond: Int64) throws {
        let link = try link(resets: UpstreamLink.resetLimit - 1)
        let pause = UpstreamLink.resetWindow + Duration.nanoseconds(beyond)
        #expect(link.noteReset(now: UpstreamLinkTests.start + pause) == (beyond < 0))
    }
}

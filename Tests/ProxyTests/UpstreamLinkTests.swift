import HTTP
import Platform
import Testing

@testable import Proxy

@Suite("UpstreamLink")
struct UpstreamLinkTests {
    private static let start = MonotonicTime(nanoseconds: 100_000_000_000)

    private func link(resets: Int) throws -> UpstreamLink {
        let link = UpstreamLink(session: try HTTP2Session(role: .client, milliseconds: 0))
        for _ in 0..<resets { link.noteReset(now: UpstreamLinkTests.start) }
        return link
    }

    @Test("A connection is left with the last reset that it may have", arguments: [-1, 0, 1])
    func limit(beyond: Int) throws {
        let link = try link(resets: UpstreamLink.resetLimit + beyond)
        #expect(link.isLeaving == (beyond >= 0))
    }

    @Test("Resets count for as long as the window lasts", arguments: [-1, 0, 1])
    func window(beyond: Int64) throws {
        let link = try link(resets: UpstreamLink.resetLimit - 1)
        let pause = UpstreamLink.resetWindow + Duration.nanoseconds(beyond)
        link.noteReset(now: UpstreamLinkTests.start + pause)
        #expect(link.isLeaving == (beyond < 0))
    }
}

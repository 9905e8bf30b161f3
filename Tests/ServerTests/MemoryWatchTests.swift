import Config
import Platform
import Proxy
import Testing

@testable import Server

@Suite("MemoryWatch")
struct MemoryWatchTests {
    private let start = MonotonicTime(nanoseconds: 1_000_000_000)

    @Test("The limit is what is configured, or four fifths of the group's")
    func limits() {
        #expect(MemoryWatch(.off, group: 1_000, now: start) == nil)
        #expect(MemoryWatch(.auto, group: nil, now: start) == nil)
        #expect(MemoryWatch(.auto, group: 1_000, now: start)?.limit == 800)
        #expect(MemoryWatch(.bytes(900), group: 1_000, now: start)?.limit == 900)
    }

    @Test("A sample is due at once, and then each quarter of a second")
    func dates() throws {
        var watch = try #require(MemoryWatch(.bytes(1_000), group: nil, now: start))
        #expect(watch.dueAt == start)
        _ = watch.sample(now: start, bytes: { 1 }, releaseFree: {})
        #expect(watch.dueAt == start + .milliseconds(250))
    }

    @Test("Memory that is only kept for later is given back before load is shed")
    func releases() throws {
        var watch = try #require(MemoryWatch(.bytes(1_000), group: nil, now: start))
        var bytes = 950
        var releases = 0
        let release = {
            releases += 1
            bytes -= 100
        }
        #expect(watch.sample(now: start, bytes: { bytes }, releaseFree: release) == 850)
        #expect(watch.pressure == .none)
        #expect(releases == 1)
        bytes = 960
        let soon = start + .milliseconds(999)
        #expect(watch.sample(now: soon, bytes: { bytes }, releaseFree: release) == 960)
        #expect(watch.pressure == .critical)
        #expect(releases == 1)
        let later = start + .seconds(1)
        #expect(watch.sample(now: later, bytes: { bytes }, releaseFree: release) == 860)
        #expect(watch.pressure == .high)
        #expect(releases == 2)
        #expect(watch.sample(now: later, bytes: { 849 }, releaseFree: release) == 849)
        #expect(watch.pressure == .none)
        #expect(releases == 2)
    }

    @Test("Where the kernel says nothing, nothing is shed")
    func unknown() throws {
        var watch = try #require(MemoryWatch(.bytes(1_000), group: nil, now: start))
        #expect(watch.sample(now: start, bytes: { nil }, releaseFree: {}) == 0)
        #expect(watch.pressure == .none)
    }
}

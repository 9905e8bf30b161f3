import Testing

@testable import Telemetry

@Suite("Metric family")
struct MetricFamilyTests {
    @Test("Names follow the conventions", arguments: MetricFamily.allCases)
    func names(family: MetricFamily) {
        #expect(family.name.hasPrefix("martlet_"))
        #expect(family.name.allSatisfy { $0 == "_" || $0 == "2" || ("a"..."z").contains($0) })
        #expect(family.name.hasSuffix("_total") == (family.kind == .counter))
        #expect(family.name.hasSuffix("_seconds") == (family.kind == .histogram))
        #expect(family.help.hasSuffix("."))
        #expect(!family.help.contains("\n"))
    }

    @Test("No two families share a name")
    func distinct() {
        #expect(Set(MetricFamily.allCases.map(\.name)).count == MetricFamily.allCases.count)
    }

    @Test("Bounds of buckets rise, and a histogram has two cells more: sum and count")
    func bounds() {
        for bounds in [MetricFamily.handshakeBounds, MetricFamily.requestBounds] {
            #expect(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 })
        }
        #expect(MetricFamily.handshakeDuration.cells == MetricFamily.handshakeBounds.count + 2)
        #expect(MetricFamily.requestDuration.cells == MetricFamily.requestBounds.count + 2)
        #expect(MetricFamily.requests.cells == 1)
    }

    @Test("A key gives back what was put into it, at both ends of each part")
    func key() {
        let least = SeriesKey(.connections)
        #expect(least.family == .connections)
        #expect([least.a, least.b, least.c, least.d] == [0, 0, 0, 0])
        let most = SeriesKey(.earlyData, a: 0xff_ffff, b: 0xff, c: 0xff, d: 0xffff)
        #expect(most.family == .earlyData)
        #expect([most.a, most.b, most.c, most.d] == [0xff_ffff, 0xff, 0xff, 0xffff])
    }

    @Test("No part of a key reaches into another")
    func parts() {
        let keys = [
            SeriesKey(.requests, a: 1), SeriesKey(.requests, b: 1), SeriesKey(.requests, c: 1),
            SeriesKey(.requests, d: 1), SeriesKey(.requests), SeriesKey(.bytes),
        ]
        #expect(Set(keys).count == keys.count)
        #expect(keys.allSatisfy { $0.packed != 0 })
    }
}

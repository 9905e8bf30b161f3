import Testing

@testable import Proxy

@Suite("PressureGauge")
struct PressureGaugeTests {
    @Test(
        "Pressure begins at its share of the limit",
        arguments: [
            (0, MemoryPressure.none), (899, .none), (900, .high), (901, .high), (949, .high),
            (950, .critical), (951, .critical), (1_000, .critical), (9_999, .critical),
        ])
    func begins(bytes: Int, pressure: MemoryPressure) {
        var gauge = PressureGauge(limit: 1_000)
        #expect(gauge.take(bytes) == pressure)
        #expect(gauge.pressure == pressure)
    }

    @Test(
        "Pressure ends a step below where it began",
        arguments: [
            (920, 850, MemoryPressure.high), (920, 849, .none), (920, 899, .high),
            (990, 900, .critical), (990, 899, .high), (990, 850, .high), (990, 849, .none),
            (990, 949, .critical), (920, 949, .high), (920, 950, .critical),
        ])
    func ends(first: Int, then: Int, pressure: MemoryPressure) {
        var gauge = PressureGauge(limit: 1_000)
        _ = gauge.take(first)
        #expect(gauge.take(then) == pressure)
    }

    @Test("Levels are ordered and named")
    func levels() {
        #expect(MemoryPressure.none < .high && .high < MemoryPressure.critical)
        #expect(
            MemoryPressure.allCases.map { "\($0.label)" } == ["none", "high", "critical"])
    }
}

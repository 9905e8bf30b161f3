import Testing

@testable import Proxy

struct FlowMeterTests {
    @Test("A socket is steady once it has taken half a MiB in a row")
    func steady() {
        var meter = FlowMeter()
        #expect(!meter.isSteady)
        meter.took(FlowMeter.steadyBytes - 1)
        #expect(!meter.isSteady)
        meter.took(1)
        #expect(meter.isSteady)
        meter.took(.max / 2)
        meter.took(.max / 2)
        #expect(meter.isSteady)
    }

    @Test("A socket that had no room begins anew")
    func stalled() {
        var meter = FlowMeter.steady
        meter.stalled()
        #expect(!meter.isSteady)
        meter.took(FlowMeter.steadyBytes - 1)
        #expect(!meter.isSteady)
    }
}

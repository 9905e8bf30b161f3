import Testing

@testable import Proxy

struct FlowMeterTests {
    @Test("A socket is steady once it has taken half a MiB in a row")
    func steady() {
        var meter = FlowMeter()
        #expect(!meter.isSteady)
        meter.took(FlowMeter.steadyBytes - 1, isAll: true)
        #expect(!meter.isSteady)
        meter.took(1, isAll: true)
        #expect(meter.isSteady)
        meter.took(.max / 2, isAll: true)
        meter.took(.max / 2, isAll: true)
        #expect(meter.isSteady)
    }

    @Test("A socket that had no room begins anew")
    func stalled() {
        var meter = FlowMeter.steady
        meter.took(FlowMeter.steadyBytes, isAll: false)
        #expect(!meter.isSteady)
        meter.took(FlowMeter.steadyBytes - 1, isAll: true)
        #expect(!meter.isSteady)
    }
}

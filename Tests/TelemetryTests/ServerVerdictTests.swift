import Platform
import Testing

@testable import Telemetry

@Suite("Server verdict")
struct ServerVerdictTests {
    @Test(
        "Time and verdict come back out of the cell", arguments: [0, 1, 1_795_231_751_123_456_789],
        [true, false])
    func packed(time: Int64, isUp: Bool) {
        let verdict = ServerVerdict(isUp: isUp, time: MonotonicTime(nanoseconds: time))
        let again = ServerVerdict(packed: verdict.packed)
        #expect(again.isUp == isUp)
        #expect(again.time.nanoseconds == time)
    }

    @Test("The later verdict is greater, whatever it says; of two at once, the kinder one")
    func order() {
        func packed(_ isUp: Bool, _ time: Int64) -> UInt64 {
            ServerVerdict(isUp: isUp, time: MonotonicTime(nanoseconds: time)).packed
        }
        #expect(packed(false, 2) > packed(true, 1))
        #expect(packed(true, 2) > packed(false, 1))
        #expect(packed(true, 1) > packed(false, 1))
    }
}

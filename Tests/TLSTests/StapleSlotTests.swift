import Testing

@testable import TLS

@Suite struct StapleSlotTests {
    @Test("A slot gives out what lies in it until its end, and nothing from then on")
    func current() {
        let slot = StapleSlot()
        #expect(slot.current(at: 0) == nil)
        let staple = OCSPStaple(bytes: [1], thisUpdate: 100, nextUpdate: 200)
        slot.replace(staple)
        #expect(slot.current(at: 199) === staple)
        #expect(slot.current(at: 200) == nil)
        #expect(slot.staple === staple)
        slot.replace(nil)
        #expect(slot.staple == nil)
    }
}

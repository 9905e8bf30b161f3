import Platform
import Testing

@testable import Server

struct ServerSlotsTests {
    private func numbers(_ slots: inout ServerSlots, _ addresses: UInt32...) -> [UInt32: Int] {
        let placed = slots.place(addresses.map { .ipv4($0, port: 1) })
        var numbers: [UInt32: Int] = [:]
        for case (let number, .ipv4(let bits, _)) in placed { numbers[bits] = number }
        return numbers
    }

    @Test("An address keeps its number; one that comes takes the first that is free")
    func numbers() {
        var slots = ServerSlots()
        #expect(numbers(&slots, 10, 20, 30) == [10: 1, 20: 2, 30: 3])
        #expect(numbers(&slots, 30, 10) == [10: 1, 30: 3])
        #expect(numbers(&slots, 30, 40, 50) == [40: 1, 50: 2, 30: 3])
        #expect(numbers(&slots, 60) == [60: 1])
        #expect(numbers(&slots) == [:])
        #expect(numbers(&slots, 70) == [70: 1])
    }

    @Test("However often a name moves, there are no more numbers than addresses at once")
    func bound() {
        var slots = ServerSlots()
        for round in 0..<1000 as Range<UInt32> {
            let found = numbers(&slots, round, round + 1, round + 2)
            #expect(Set(found.values).isSubset(of: [1, 2, 3]))
        }
    }
}

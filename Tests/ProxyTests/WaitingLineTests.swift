import Testing

@testable import Proxy

@Suite("WaitingLine")
struct WaitingLineTests {
    @Test("Who came first is served first")
    func order() {
        var line = WaitingLine<Int>()
        let tickets = (0..<200).map { line.append($0) }
        var served: [Int] = []
        while let first = line.first {
            served.append(first)
            line.remove(tickets[first])
        }
        #expect(served == Array(0..<200))
        #expect(line.isEmpty)
    }

    @Test("Who leaves from the middle is passed over, and leaves once")
    func gaps() {
        var line = WaitingLine<Int>()
        let tickets = (0..<5).map { line.append($0) }
        for place in [1, 2, 1, 0] { line.remove(tickets[place]) }
        #expect(line.count == 2)
        #expect(line.first == 3)
        #expect(Array(line.elements) == [3, 4])
        line.remove(tickets[4])
        #expect(line.first == 3)
        line.remove(tickets[3])
        #expect(line.first == nil && line.isEmpty)
        line.remove(tickets[3])
        #expect(line.isEmpty)
    }

    @Test("Tickets stay good while others come and go", arguments: [1, 63, 64, 65, 500])
    func model(length: Int) {
        var line = WaitingLine<Int>()
        var model: [(ticket: Int, value: Int)] = []
        var random: UInt64 = 88_172_645_463_325_252
        for step in 0..<length * 8 {
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            if model.count < length, random % 3 != 0 {
                model.append((line.append(step), step))
            } else if !model.isEmpty {
                let place = random % 5 == 0 ? Int(random >> 8 % UInt64(model.count)) : 0
                let gone = model.remove(at: place % model.count)
                line.remove(gone.ticket)
            }
            #expect(line.count == model.count && line.first == model.first?.value)
            #expect(line.end > model.last?.ticket ?? -1)
        }
    }
}

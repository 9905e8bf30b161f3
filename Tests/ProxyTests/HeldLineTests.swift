import Bytes
import HTTP
import Platform
import Testing

@testable import Proxy

@Suite("HeldLine")
struct HeldLineTests {
    private static let start = MonotonicTime(nanoseconds: 1_000_000_000)
    private static let interval = HeldLine.probeInterval
    private static let moment = Duration.nanoseconds(1)

    private var line = HeldLine()
    private let exchanges: [Exchange]

    /// Three, of which each may be held for a second longer than the one before it.
    init() {
        let buffers = BufferPool()
        exchanges = (1...3).map { seconds in
            let exchange = Exchange(limits: MessageLimits(), buffers: buffers)
            exchange.heldUntil = HeldLineTests.start + .seconds(seconds)
            return exchange
        }
        for exchange in exchanges.reversed() { line.append(exchange, now: HeldLineTests.start) }
    }

    private func numbers(_ found: [Exchange]) -> [Int] {
        found.compactMap { exchange in exchanges.firstIndex { $0 === exchange } }
    }

    private mutating func leave(_ number: Int) {
        guard let ticket = exchanges[number].heldTicket else { return }
        line.remove(ticket)
    }

    private mutating func due(_ now: MonotonicTime) -> [Int] { numbers(line.due(now: now)) }

    @Test("One looks for a server in each interval: who has not for the longest time")
    mutating func probes() {
        var now = HeldLineTests.start
        for number in [2, 1, 0, 2, 1] {
            #expect(line.nextWake == now + HeldLineTests.interval)
            let early = due(now + (HeldLineTests.interval - HeldLineTests.moment))
            #expect(early == [])
            now = now + HeldLineTests.interval
            let found = due(now)
            #expect(found == [number])
            let again = due(now)
            #expect(again == [])
            leave(number)
            line.append(exchanges[number], now: now)
        }
        // A loop that is late makes up for nothing.
        let late = due(now + HeldLineTests.interval * 9)
        #expect(late == [0])
    }

    @Test("All go on where a server is back, once")
    mutating func back() {
        line.serverIsBack()
        #expect(line.nextWake <= HeldLineTests.start)
        let all = due(HeldLineTests.start)
        #expect(all == [2, 1, 0])
        let none = due(HeldLineTests.start)
        #expect(none == [])
        // Whom it refuses while it takes others is not asked by all for each of them.
        line.serverIsBack()
        let again = HeldLineTests.start + HeldLineTests.interval
        #expect(line.nextWake == again)
        let early = due(HeldLineTests.start + (HeldLineTests.interval - HeldLineTests.moment))
        #expect(early == [])
        let late = due(again)
        #expect(late == [2, 1, 0])
        for number in 0..<3 { leave(number) }
        #expect(line.isEmpty)
        line.serverIsBack()
        #expect(!line.isServerBack)
    }

    @Test("Each is held until its own end, wherever it stands", arguments: [1, 2, 3])
    mutating func ends(seconds: Int) {
        let end = HeldLineTests.start + .seconds(seconds)
        let early = numbers(
            line.overdue(now: HeldLineTests.start + (.seconds(seconds) - HeldLineTests.moment)))
        #expect(early.sorted() == Array(0..<(seconds - 1)))
        for number in early { leave(number) }
        let found = numbers(line.overdue(now: end))
        #expect(found == [seconds - 1])
    }

    @Test("The loop wakes for the first end that there is")
    mutating func wake() {
        line.remove(exchanges[2].heldTicket ?? -1)
        line.remove(exchanges[1].heldTicket ?? -1)
        exchanges[1].heldUntil = HeldLineTests.start + .milliseconds(50)
        line.append(exchanges[1], now: HeldLineTests.start)
        #expect(line.nextWake == exchanges[1].heldUntil)
        let found = numbers(line.overdue(now: exchanges[1].heldUntil))
        #expect(found == [1])
        #expect(line.nextWake == HeldLineTests.start + HeldLineTests.interval)
    }
}

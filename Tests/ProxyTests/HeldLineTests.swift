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
        exchanges = HeldLineTests.make(3)
        for (index, exchange) in exchanges.enumerated() {
            exchange.heldUntil = HeldLineTests.start + .seconds(index + 1)
        }
        for exchange in exchanges.reversed() { line.append(exchange, now: HeldLineTests.start) }
    }

    /// Makes so many, each of which may be held for a second.
    private static func make(_ count: Int) -> [Exchange] {
        let buffers = BufferPool()
        return (0..<count).map { _ in
            let exchange = Exchange(limits: MessageLimits(), buffers: buffers)
            exchange.heldUntil = start + .seconds(1)
            return exchange
        }
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
        #expect(!line.hasServer)
        line.serverIsBack()
        #expect(line.hasServer)
        #expect(line.nextWake <= HeldLineTests.start)
        let all = due(HeldLineTests.start)
        #expect(all == [2, 1, 0])
        for number in all {
            #expect(line.hasServer)
            leave(number)
            line.append(exchanges[number], now: HeldLineTests.start)
        }
        #expect(!line.hasServer)
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
    }

    @Test("Where nobody is left, no server is there for whoever comes")
    mutating func empty() {
        line.serverIsBack()
        for number in 0..<3 { leave(number) }
        #expect(line.isEmpty)
        #expect(!line.hasServer)
        line.serverIsBack()
        #expect(!line.hasServer)
        line.append(exchanges[0], now: HeldLineTests.start)
        #expect(!line.hasServer)
        #expect(line.nextWake == HeldLineTests.start + HeldLineTests.interval)
    }

    @Test(
        "A batch goes on at a time, in the order of arrival, and each once",
        arguments: [
            (HeldLine.batch - 1, [HeldLine.batch - 1]), (HeldLine.batch, [HeldLine.batch]),
            (HeldLine.batch + 1, [HeldLine.batch, 1]),
            (HeldLine.batch * 2 + 1, [HeldLine.batch, HeldLine.batch, 1]),
        ])
    func batches(count: Int, sizes: [Int]) {
        var many = HeldLine()
        let all = HeldLineTests.make(count)
        for exchange in all { many.append(exchange, now: HeldLineTests.start) }
        many.serverIsBack()
        var gone: [Exchange] = []
        for size in sizes {
            #expect(many.nextWake <= HeldLineTests.start)
            let batch = many.due(now: HeldLineTests.start)
            #expect(batch.count == size)
            gone += batch
            // The server refuses them again.
            for exchange in batch {
                many.remove(exchange.heldTicket ?? -1)
                many.append(exchange, now: HeldLineTests.start)
            }
        }
        #expect(zip(gone, all).allSatisfy { $0 === $1 } && gone.count == count)
        let rest = many.due(now: HeldLineTests.start)
        #expect(rest.isEmpty)
        #expect(many.nextWake == HeldLineTests.start + HeldLineTests.interval)
    }

    @Test("Who comes while all go on does not, whosever place it has")
    func newcomer() {
        var many = HeldLine()
        let all = HeldLineTests.make(HeldLine.batch + 2)
        for exchange in all.dropLast() { many.append(exchange, now: HeldLineTests.start) }
        many.serverIsBack()
        let batch = many.due(now: HeldLineTests.start)
        for exchange in batch { many.remove(exchange.heldTicket ?? -1) }
        let last = all[HeldLine.batch].heldTicket
        many.remove(last ?? -1)
        #expect(many.isEmpty)
        many.append(all[HeldLine.batch + 1], now: HeldLineTests.start)
        let found = many.due(now: HeldLineTests.start)
        #expect(found.isEmpty)
    }

    @Test(
        "A batch ends at a time",
        arguments: [
            (HeldLine.batch - 1, 0), (HeldLine.batch, 0), (HeldLine.batch + 1, 1),
        ])
    func ends(count: Int, rest: Int) {
        var many = HeldLine()
        let all = HeldLineTests.make(count)
        for exchange in all { many.append(exchange, now: HeldLineTests.start) }
        let end = HeldLineTests.start + .seconds(1)
        for size in [count - rest, rest] {
            let overdue = many.overdue(now: end)
            #expect(overdue.count == size)
            for exchange in overdue { many.remove(exchange.heldTicket ?? -1) }
            #expect(many.isEmpty == (size == rest || rest == 0))
        }
    }

    @Test("Each is held until its own end, wherever it stands", arguments: [1, 2, 3])
    mutating func ends(seconds: Int) {
        let end = HeldLineTests.start + .seconds(seconds)
        for number in 0..<(seconds - 1) {
            let found = numbers(line.overdue(now: HeldLineTests.start + .seconds(number + 1)))
            #expect(found == [number])
            leave(number)
        }
        let early = numbers(
            line.overdue(now: HeldLineTests.start + (.seconds(seconds) - HeldLineTests.moment)))
        #expect(early == [])
        let found = numbers(line.overdue(now: end))
        #expect(found == [seconds - 1])
    }

    @Test("Ends that follow one another closely are one look at all")
    mutating func closeEnds() {
        let end = exchanges[0].heldUntil
        exchanges[1].heldUntil = end + HeldLineTests.moment
        let first = numbers(line.overdue(now: end))
        #expect(first == [0])
        leave(0)
        #expect(line.nextWake <= end)
        _ = line.due(now: end)
        #expect(line.nextWake == end + HeldLineTests.interval)
        let early = line.overdue(now: end + (HeldLineTests.interval - HeldLineTests.moment))
        #expect(early.isEmpty)
        let late = numbers(line.overdue(now: end + HeldLineTests.interval))
        #expect(late == [1])
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

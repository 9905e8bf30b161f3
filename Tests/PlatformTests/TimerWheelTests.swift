import Platform
import TestSupport
import Testing

@Suite("Timer wheel")
struct TimerWheelTests {
    private static let millisecond: Int64 = 1_000_000
    private static let tick = 16 * millisecond
    private static let start = MonotonicTime(nanoseconds: 7_000_000_123)

    private func at(_ nanoseconds: Int64) -> MonotonicTime {
        MonotonicTime(nanoseconds: TimerWheelTests.start.nanoseconds + nanoseconds)
    }

    private func ticks(_ count: Int64) -> MonotonicTime { at(count * TimerWheelTests.tick) }

    private func expired(_ wheel: inout TimerWheel, now: MonotonicTime) -> [UInt32] {
        var all: [UInt32] = []
        while let index = wheel.popExpired(now: now) { all.append(index) }
        return all
    }

    @Test("An empty wheel has nothing to wait for")
    func empty() {
        var wheel = TimerWheel(start: TimerWheelTests.start)
        #expect(wheel.nextExpiry == nil)
        #expect(wheel.popExpired(now: ticks(1_000_000)) == nil)
        wheel.cancel(17)
        #expect(wheel.count == 0)
    }

    @Test(
        "A timer expires at its time, rounded up to a tick, and once",
        arguments: [0, 1, 2, 63, 64, 65, 4095, 4096, 4097, 262_143, 262_144, 20_000_000] as [Int64])
    func single(due: Int64) {
        var wheel = TimerWheel(start: TimerWheelTests.start)
        wheel.schedule(3, at: ticks(due))
        #expect(wheel.count == 1)
        if due > 0 {
            #expect(expired(&wheel, now: at(due * TimerWheelTests.tick - 1)) == [])
        }
        #expect(expired(&wheel, now: ticks(due)) == [3])
        #expect(expired(&wheel, now: ticks(due + 100_000)) == [])
        #expect(wheel.count == 0)
    }

    @Test("A time between two ticks expires at the later one")
    func betweenTicks() {
        var wheel = TimerWheel(start: TimerWheelTests.start)
        wheel.schedule(0, at: at(5 * TimerWheelTests.tick + 1))
        #expect(expired(&wheel, now: at(6 * TimerWheelTests.tick - 1)) == [])
        #expect(expired(&wheel, now: ticks(6)) == [0])
    }

    @Test("A time that has passed expires at once")
    func past() {
        var wheel = TimerWheel(start: TimerWheelTests.start)
        wheel.schedule(9, at: ticks(50))
        #expect(expired(&wheel, now: ticks(100)) == [9])
        wheel.schedule(1, at: ticks(3))
        wheel.schedule(2, at: MonotonicTime(nanoseconds: 0))
        #expect(expired(&wheel, now: ticks(100)).sorted() == [1, 2])
    }

    @Test("Timers expire in the order of their ticks, whatever level they stand in")
    func order() {
        var wheel = TimerWheel(start: TimerWheelTests.start)
        let dues: [Int64] = [300_000, 5, 4096, 64, 70, 1, 5000, 63]
        for (index, due) in dues.enumerated() { wheel.schedule(UInt32(index), at: ticks(due)) }
        #expect(expired(&wheel, now: ticks(1_000_000)).map { dues[Int($0)] } == dues.sorted())
    }

    @Test("A cancelled timer never expires, and its neighbours in the bucket do")
    func cancel() {
        var wheel = TimerWheel(start: TimerWheelTests.start)
        for index: UInt32 in 0..<5 { wheel.schedule(index, at: ticks(200)) }
        for index: UInt32 in [0, 2, 4] { wheel.cancel(index) }
        wheel.cancel(2)
        #expect(wheel.count == 2)
        #expect(expired(&wheel, now: ticks(200)).sorted() == [1, 3])
    }

    @Test("Setting a timer again replaces it")
    func replace() {
        var wheel = TimerWheel(start: TimerWheelTests.start)
        wheel.schedule(0, at: ticks(10))
        wheel.schedule(0, at: ticks(9000))
        #expect(wheel.count == 1)
        #expect(expired(&wheel, now: ticks(8999)) == [])
        #expect(expired(&wheel, now: ticks(9000)) == [0])
    }

    @Test("The most distant time is kept and can be taken back")
    func distantFuture() {
        var wheel = TimerWheel(start: TimerWheelTests.start)
        wheel.schedule(0, at: .distantFuture)
        #expect(expired(&wheel, now: ticks(3_000_000)) == [])
        #expect(wheel.count == 1)
        wheel.cancel(0)
        #expect(wheel.nextExpiry == nil)
    }

    // A timer nearly a full turn of its level away stands in the bucket under the hand. It was told
    // to be due at once, so that a worker polled without waiting, for up to a second, whenever a 65
    // s timeout was set.
    @Test(
        "Waiting for the next expiry never becomes polling",
        arguments: [1, 33, 63] as [Int64], [63, 4033, 4063, 4095, 262_080, 262_143] as [Int64])
    func noPolling(begin: Int64, distance: Int64) throws {
        var wheel = TimerWheel(start: TimerWheelTests.start)
        wheel.schedule(0, at: ticks(begin))
        #expect(expired(&wheel, now: ticks(begin)) == [0])
        wheel.schedule(1, at: ticks(begin + distance))
        var now = ticks(begin)
        var turns = 0
        while wheel.count > 0 {
            let next = try #require(wheel.nextExpiry)
            #expect(next > now)
            #expect(next <= ticks(begin + distance))
            guard next > now else { return }
            now = next
            turns += 1
            _ = wheel.popExpired(now: now)
        }
        #expect(turns <= 5)
    }

    /// One random walk: which steps of the clock are taken, and how far ahead timers are set.
    struct Walk: Sendable, CustomTestStringConvertible {
        let seed: UInt64
        let longestStep: Int64
        let reach: Int64
        var testDescription: String { "seed \(seed), steps to \(longestStep), reach \(reach)" }
    }

    private static let walks: [Walk] = [
        Walk(seed: 1, longestStep: tick, reach: 100 * tick),
        Walk(seed: 2, longestStep: 3 * tick, reach: 5000 * tick),
        Walk(seed: 3, longestStep: 100 * tick, reach: 300_000 * tick),
        Walk(seed: 4, longestStep: 5000 * tick, reach: 20_000_000 * tick),
        Walk(seed: 5, longestStep: 300_000 * tick, reach: 1_000_000 * tick),
        Walk(seed: 6, longestStep: 2_000_000 * tick, reach: 3_000_000_000 * tick),
    ]

    // In half of the turns the clock goes exactly to what `nextExpiry` said, as the loop of a
    // worker does.
    @Test("Any sequence of calls agrees with the model", arguments: walks)
    func model(walk: Walk) throws {
        var random = SeededGenerator(seed: walk.seed)
        var wheel = TimerWheel(start: TimerWheelTests.start)
        var model = TimerModel(tick: TimerWheelTests.tick)
        var now = TimerWheelTests.start.nanoseconds
        for _ in 0..<4000 {
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let index = UInt32.random(in: 0..<200, using: &random)
                if Int.random(in: 0..<4, using: &random) == 0 {
                    wheel.cancel(index)
                    model.cancel(index)
                    continue
                }
                let level = Int64.random(in: 0...3, using: &random)
                let ahead = Int64.random(
                    in: -walk.longestStep...(walk.reach >> (level * 4)), using: &random)
                wheel.schedule(index, at: MonotonicTime(nanoseconds: now + ahead))
                model.schedule(index, at: now + ahead)
            }
            #expect(wheel.count == model.times.count)
            if let next = wheel.nextExpiry, let expected = model.next {
                try #require(next.nanoseconds < expected + model.tick || next.nanoseconds <= now)
                if Bool.random(using: &random), next.nanoseconds - now < walk.longestStep * 8 {
                    now = max(now, next.nanoseconds)
                }
            }
            if Bool.random(using: &random) {
                now += Int64.random(in: 0...walk.longestStep, using: &random)
            }
            while let index = wheel.popExpired(now: MonotonicTime(nanoseconds: now)) {
                let fault = model.fault(expiring: index, now: now)
                try #require(fault == nil)
            }
            try #require(model.late(now: now) == [])
        }
        now += walk.reach + model.tick
        guard walk.reach < 100_000_000 * TimerWheelTests.tick else { return }
        while let index = wheel.popExpired(now: MonotonicTime(nanoseconds: now)) {
            let fault = model.fault(expiring: index, now: now)
            try #require(fault == nil)
        }
        #expect(model.times.isEmpty)
        #expect(wheel.count == 0)
    }
}

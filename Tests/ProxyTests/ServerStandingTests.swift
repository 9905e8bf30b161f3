import Platform
import Testing

@testable import Proxy

@Suite("ServerStanding")
struct ServerStandingTests {
    static let now = UpstreamPoolTests.start
    static let later = now + .nanoseconds(1)

    @Test("A server that refused is avoided for a moment, or until it takes a connection")
    func avoidance() {
        var standing = ServerStanding()
        #expect(standing.accepts(now: ServerStandingTests.now))
        standing.avoid(now: ServerStandingTests.now)
        let end = ServerStandingTests.now + ServerStanding.avoidance
        #expect(!standing.accepts(now: end + .nanoseconds(-1)))
        #expect(standing.accepts(now: end))
        standing.embrace()
        #expect(standing.accepts(now: ServerStandingTests.now))
    }

    /// One fact each that keeps requests away, and what is left of the server then.
    static let facts: [Fact] = [
        Fact(tried: false, served: false, panic: true) { $0.isCheckedDown = true },
        Fact(tried: true, served: false, panic: true) {
            $0.isCheckedDown = true
            $0.mayBeBack = true
        },
        Fact(tried: false, served: false, panic: false) { $0.isDrained = true },
        Fact(tried: false, served: false, panic: false) {
            $0.isDrained = true
            $0.mayBeBack = true
        },
        Fact(tried: true, served: true, panic: true) { $0.ejectedUntil = later },
        Fact(tried: true, served: true, panic: false) { $0.avoid(now: now) },
    ]

    struct Fact: Sendable {
        let tried: Bool
        let served: Bool
        let panic: Bool
        let set: @Sendable (inout ServerStanding) -> Void
    }

    @Test("Who does not accept may be tried, and in panic, by the reason", arguments: 0..<6)
    func facts(index: Int) {
        let fact = ServerStandingTests.facts[index]
        var standing = ServerStanding()
        fact.set(&standing)
        #expect(!standing.accepts(now: ServerStandingTests.now))
        #expect(standing.mayBeTried() == fact.tried)
        #expect(standing.isInService == fact.served)
        standing.isInPanic = true
        #expect(standing.accepts(now: ServerStandingTests.now) == fact.panic)
        #expect(standing.mayBeTried() == !standing.isDrained)
        #expect(standing.isInService == !standing.isDrained)
    }

    @Test("An ejection ends by itself")
    func ejection() {
        var standing = ServerStanding()
        standing.ejectedUntil = ServerStandingTests.later
        #expect(!standing.accepts(now: ServerStandingTests.now))
        #expect(standing.accepts(now: ServerStandingTests.later))
    }

    @Test("What the control plane says leaves what the worker has seen")
    func adoption() {
        var standing = ServerStanding()
        standing.avoid(now: ServerStandingTests.now)
        var told = ServerStanding()
        told.risenAt = ServerStandingTests.now
        standing.adopt(told)
        #expect(standing.risenAt == ServerStandingTests.now)
        #expect(!standing.accepts(now: ServerStandingTests.now))
        standing.embrace()
        #expect(standing == told)
    }
}

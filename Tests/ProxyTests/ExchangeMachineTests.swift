import HTTP
import Testing

@testable import Proxy

@Suite("ExchangeMachine")
struct ExchangeMachineTests {
    typealias Event = ExchangeMachine.Event
    typealias Action = ExchangeMachine.Action
    typealias State = ExchangeMachine.State

    static let closed = ProxyError(.upstreamClosed)
    static let refused = ProxyError(.upstreamRefused)
    static let timeout = ProxyError(.upstreamFirstByteTimeout)
    static let malformed = ProxyError(.upstreamMalformed(.badStatus))
    static let gone = ProxyError(.clientClosed)
    static let slowReader = ProxyError(.slowReader)
    static let slow = ProxyError(.slowRequest)
    static let large = ProxyError(.bodyTooLarge)

    /// What has happened, what happens next, and what follows.
    struct Row: Sendable, CustomTestStringConvertible {
        let before: [Event]
        let event: Event
        let action: Action
        let state: State

        init(_ before: [Event], _ event: Event, _ action: Action, _ state: State) {
            self.before = before
            self.event = event
            self.action = action
            self.state = state
        }

        var testDescription: String { "\(before) then \(event)" }
    }

    static let fresh = Event.upstreamReady(reused: false)
    static let reused = Event.upstreamReady(reused: true)

    /// Of an idempotent request to one server with one repetition.
    static let table: [Row] = [
        Row([], fresh, .send, .awaitingResponse),
        Row([], reused, .send, .awaitingResponse),
        Row([], .connectFailed(timedOut: false), .answer(.init(.upstreamUnavailable)), .finished),
        Row([], .connectFailed(timedOut: true), .answer(.init(.upstreamConnectTimeout)), .finished),
        Row([], .handshakeFailed, .answer(.init(.upstreamHandshake)), .finished),
        Row([], .upstreamFailed(closed), .answer(closed), .finished),
        Row([], .downstreamFailed(gone), .truncate(gone), .finished),
        Row([], .downstreamFailed(slow), .answer(slow), .finished),
        Row([], .requestCompleted, .proceed, .awaitingUpstream),

        Row([fresh], .upstreamRefused, .connect(fresh: true), .awaitingUpstream),
        Row([fresh, .requestBytesConsumed], .upstreamRefused, .answer(refused), .finished),
        Row([fresh, .responseBegan], .upstreamRefused, .answer(refused), .finished),
        Row(
            [fresh, .upstreamRefused, fresh, .upstreamRefused, fresh, .upstreamRefused, fresh],
            .upstreamRefused, .answer(refused), .finished),

        Row([fresh], .requestBytesConsumed, .proceed, .awaitingResponse),
        Row([fresh], .requestCompleted, .proceed, .awaitingResponse),
        Row([fresh], .responseBegan, .proceed, .awaitingResponse),
        Row([fresh], .responseHead, .relayHead, .streaming),
        Row([fresh], .switchedProtocols, .openTunnel, .tunnelling),
        Row([fresh], .upstreamFailed(closed), .answer(closed), .finished),
        Row([fresh], .upstreamFailed(timeout), .answer(timeout), .finished),
        Row([fresh], .upstreamFailed(malformed), .answer(malformed), .finished),
        Row([fresh], .downstreamFailed(gone), .truncate(gone), .finished),
        Row([fresh], .downstreamFailed(slowReader), .truncate(slowReader), .finished),
        Row([fresh], .downstreamFailed(slow), .answer(slow), .finished),
        Row([fresh], .downstreamFailed(large), .answer(large), .finished),

        Row([reused], .upstreamFailed(closed), .connect(fresh: true), .awaitingUpstream),
        Row([reused], .upstreamFailed(timeout), .answer(timeout), .finished),
        Row([reused], .upstreamFailed(malformed), .answer(malformed), .finished),
        Row(
            [reused, .requestCompleted], .upstreamFailed(closed), .connect(fresh: true),
            .awaitingUpstream),
        Row(
            [reused, .requestBytesConsumed], .upstreamFailed(closed), .answer(closed), .finished),
        Row([reused, .responseBegan], .upstreamFailed(closed), .answer(closed), .finished),
        Row(
            [reused, .upstreamFailed(closed), fresh], .upstreamFailed(closed), .answer(closed),
            .finished),
        Row(
            [reused, .upstreamFailed(closed), reused], .upstreamFailed(closed), .answer(closed),
            .finished),

        Row([fresh, .responseHead], .responseCompleted, .finish, .finished),
        Row([fresh, .responseHead], .requestCompleted, .proceed, .streaming),
        Row([fresh, .responseHead], .upstreamFailed(closed), .truncate(closed), .finished),
        Row([reused, .responseHead], .upstreamFailed(closed), .truncate(closed), .finished),
        Row([fresh, .responseHead], .downstreamFailed(gone), .truncate(gone), .finished),
        Row([fresh, .responseHead], .downstreamFailed(slow), .truncate(slow), .finished),

        Row([fresh, .switchedProtocols], .responseCompleted, .finish, .finished),
        Row([fresh, .switchedProtocols], .upstreamFailed(closed), .truncate(closed), .finished),
        Row([fresh, .switchedProtocols], .downstreamFailed(gone), .truncate(gone), .finished),

        Row(
            [fresh, .responseHead, .responseCompleted], .upstreamFailed(closed), .proceed,
            .finished),
        Row(
            [fresh, .responseHead, .responseCompleted], .downstreamFailed(gone), .proceed,
            .finished),
    ]

    @Test("Each event has its consequence", arguments: table)
    func transitions(row: Row) {
        var machine = ExchangeMachine(isIdempotent: true, servers: 1, retries: 1)
        for event in row.before { _ = machine.handle(event) }
        #expect(machine.handle(row.event) == row.action)
        #expect(machine.state == row.state)
    }

    @Test("A request that is not idempotent is never sent twice", arguments: [fresh, reused])
    func notIdempotent(ready: Event) {
        var machine = ExchangeMachine(isIdempotent: false, servers: 9, retries: 9)
        _ = machine.handle(ready)
        #expect(
            machine.handle(.upstreamFailed(ExchangeMachineTests.closed))
                == .answer(ExchangeMachineTests.closed))
    }

    @Test("A request is repeated as often as allowed, and no more", arguments: [0, 1, 2, 3])
    func retries(limit: Int) {
        var machine = ExchangeMachine(isIdempotent: true, servers: 1, retries: limit)
        for _ in 0..<limit {
            _ = machine.handle(ExchangeMachineTests.reused)
            #expect(
                machine.handle(.upstreamFailed(ExchangeMachineTests.closed))
                    == .connect(fresh: true))
        }
        _ = machine.handle(ExchangeMachineTests.reused)
        #expect(
            machine.handle(.upstreamFailed(ExchangeMachineTests.closed))
                == .answer(ExchangeMachineTests.closed))
    }

    @Test(
        "Every server is tried once before the client hears of it, whatever the method",
        arguments: [1, 2, 3], [true, false])
    func servers(count: Int, isIdempotent: Bool) {
        var machine = ExchangeMachine(isIdempotent: isIdempotent, servers: count, retries: 0)
        for _ in 1..<count {
            #expect(machine.handle(.connectFailed(timedOut: true)) == .connect(fresh: false))
        }
        #expect(
            machine.handle(.connectFailed(timedOut: false))
                == .answer(ProxyError(.upstreamUnavailable)))
    }

    @Test("A new attempt knows nothing of the response to the last one")
    func freshAttempt() {
        var machine = ExchangeMachine(isIdempotent: true, servers: 1, retries: 2)
        _ = machine.handle(ExchangeMachineTests.reused)
        _ = machine.handle(.upstreamFailed(ExchangeMachineTests.closed))
        _ = machine.handle(ExchangeMachineTests.reused)
        #expect(
            machine.handle(.upstreamFailed(ExchangeMachineTests.closed)) == .connect(fresh: true))
    }

    @Test("The request is complete exactly when its end was told, in whatever state")
    func requestComplete() {
        for before in [
            [], [ExchangeMachineTests.fresh], [ExchangeMachineTests.fresh, .responseHead],
        ] {
            var machine = ExchangeMachine(isIdempotent: true, servers: 1, retries: 1)
            for event in before { _ = machine.handle(event) }
            #expect(!machine.isRequestComplete)
            _ = machine.handle(.requestCompleted)
            #expect(machine.isRequestComplete)
        }
    }
}

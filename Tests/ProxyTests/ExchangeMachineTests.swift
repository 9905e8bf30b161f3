import HTTP
import Telemetry
import Testing

@testable import Proxy

@Suite("ExchangeMachine")
struct ExchangeMachineTests {
    typealias Event = ExchangeMachine.Event
    typealias Action = ExchangeMachine.Action
    typealias State = ExchangeMachine.State

    static let closed = ProxyError(.upstreamClosed)
    static let reset = ProxyError(.upstreamReset(.internalError))
    static let refused = ProxyError(.upstreamRefused)
    static let unavailable = ProxyError(.upstreamUnavailable)
    static let unreached = ProxyError(.upstreamConnectTimeout)
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
        Row([], .connectFailed(timedOut: false), .hold, .awaitingUpstream),
        Row([], .connectFailed(timedOut: true), .hold, .awaitingUpstream),
        Row([], .noServer, .hold, .awaitingUpstream),
        Row([.connectFailed(timedOut: false)], .retryDenied, .answer(unavailable), .finished),
        Row([.connectFailed(timedOut: true)], .retryDenied, .answer(unreached), .finished),
        Row([.noServer], .retryDenied, .answer(unavailable), .finished),
        Row([.noServer], .connectFailed(timedOut: true), .hold, .awaitingUpstream),
        Row([.noServer], .downstreamFailed(gone), .truncate(gone), .finished),
        Row([.noServer], fresh, .send, .awaitingResponse),
        Row(
            [.noServer, .connectFailed(timedOut: true)], .retryDenied, .answer(unavailable),
            .finished),
        Row([.noServer, fresh], .upstreamFailed(closed), .retry(.reset), .awaitingUpstream),
        Row(
            [.noServer, fresh, .upstreamFailed(closed)], .retryDenied, .answer(closed), .finished),
        Row([], .handshakeFailed, .answer(.init(.upstreamHandshake)), .finished),
        Row([], .upstreamFailed(closed), .retry(.reset), .awaitingUpstream),
        Row([], .downstreamFailed(gone), .truncate(gone), .finished),
        Row([], .downstreamFailed(slow), .answer(slow), .finished),
        Row([], .requestCompleted, .proceed, .awaitingUpstream),

        Row([fresh, .upstreamFailed(closed)], .noServer, .answer(unavailable), .finished),
        Row(
            [fresh, .upstreamRefused], .connectFailed(timedOut: true), .answer(unreached),
            .finished),
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
        Row([fresh], .upstreamFailed(closed), .retry(.reset), .awaitingUpstream),
        Row([fresh, .requestSent], .upstreamFailed(closed), .retry(.reset), .awaitingUpstream),
        Row([fresh], .upstreamFailed(reset), .retry(.reset), .awaitingUpstream),
        Row([fresh, .upstreamFailed(closed)], .retryDenied, .answer(closed), .finished),
        Row([fresh, .responseBegan], .upstreamFailed(closed), .answer(closed), .finished),
        Row([fresh, .requestBytesConsumed], .upstreamFailed(closed), .answer(closed), .finished),
        Row([fresh, .unwelcomeHead], .retryDenied, .relayHead, .streaming),
        Row([fresh], .unwelcomeHead, .retry(.status), .awaitingUpstream),
        Row([fresh, .responseBegan], .unwelcomeHead, .retry(.status), .awaitingUpstream),
        Row([fresh, .requestBytesConsumed], .unwelcomeHead, .relayHead, .streaming),
        Row([fresh, .unwelcomeHead, fresh], .unwelcomeHead, .relayHead, .streaming),
        Row([fresh, .unwelcomeHead, fresh], .upstreamFailed(closed), .answer(closed), .finished),
        Row([fresh], .upstreamFailed(timeout), .answer(timeout), .finished),
        Row([fresh], .upstreamFailed(malformed), .answer(malformed), .finished),
        Row([fresh], .downstreamFailed(gone), .truncate(gone), .finished),
        Row([fresh], .downstreamFailed(slowReader), .truncate(slowReader), .finished),
        Row([fresh], .downstreamFailed(slow), .answer(slow), .finished),
        Row([fresh], .downstreamFailed(large), .answer(large), .finished),

        Row([reused], .upstreamFailed(closed), .retry(.stale), .awaitingUpstream),
        Row([reused], .upstreamFailed(timeout), .answer(timeout), .finished),
        Row([reused], .upstreamFailed(malformed), .answer(malformed), .finished),
        Row(
            [reused, .requestCompleted], .upstreamFailed(closed), .retry(.stale),
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

        Row([], .answered, .proceed, .finished),
        Row([.answered], .downstreamFailed(large), .proceed, .finished),
        Row([.answered], .downstreamFailed(gone), .proceed, .finished),
        Row([.downstreamFailed(large)], .answered, .proceed, .finished),
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
        _ = machine.handle(.requestSent)
        #expect(
            machine.handle(.upstreamFailed(ExchangeMachineTests.closed))
                == .answer(ExchangeMachineTests.closed))
    }

    @Test("A request of which nothing was sent is sent again, whatever the method")
    func nothingSent() {
        var machine = ExchangeMachine(isIdempotent: false, servers: 2, retries: 1)
        _ = machine.handle(ExchangeMachineTests.fresh)
        #expect(machine.handle(.upstreamFailed(ExchangeMachineTests.closed)) == .retry(.reset))
        _ = machine.handle(ExchangeMachineTests.fresh)
        _ = machine.handle(.requestSent)
        #expect(
            machine.handle(.upstreamFailed(ExchangeMachineTests.closed))
                == .answer(ExchangeMachineTests.closed))
    }

    @Test("What leaves before there is a connection for it is no part of a request")
    func sentBefore() {
        var machine = ExchangeMachine(isIdempotent: false, servers: 2, retries: 1)
        _ = machine.handle(.requestSent)
        #expect(machine.handle(.upstreamFailed(ExchangeMachineTests.closed)) == .retry(.reset))
    }

    @Test(
        "Whatever a server may have seen of it, a request that is not idempotent is not repeated",
        arguments: [
            Event.upstreamFailed(closed), .upstreamFailed(reset), .upstreamFailed(timeout),
            .unwelcomeHead,
        ])
    func neverTwice(event: Event) {
        var machine = ExchangeMachine(
            isIdempotent: false, servers: 3, retries: 3,
            causes: [.connect, .reset, .firstByteTimeout])
        _ = machine.handle(ExchangeMachineTests.fresh)
        _ = machine.handle(.requestSent)
        let action = machine.handle(event)
        #expect(action != .retry(.reset) && action != .retry(.status))
        #expect(machine.state == .finished || machine.state == .streaming)
    }

    @Test("Only the configured causes count", arguments: [true, false])
    func causes(isConfigured: Bool) {
        func machine(_ causes: RetryCauses) -> ExchangeMachine {
            var machine = ExchangeMachine(
                isIdempotent: true, servers: 2, retries: 1, causes: isConfigured ? causes : [])
            _ = machine.handle(ExchangeMachineTests.fresh)
            return machine
        }
        var one = machine(.reset)
        let closed = ExchangeMachineTests.closed
        #expect(
            one.handle(.upstreamFailed(closed)) == (isConfigured ? .retry(.reset) : .answer(closed))
        )
        var two = machine(.firstByteTimeout)
        let timeout = ExchangeMachineTests.timeout
        #expect(
            two.handle(.upstreamFailed(timeout))
                == (isConfigured ? .retry(.firstByteTimeout) : .answer(timeout)))
        var three = ExchangeMachine(
            isIdempotent: false, servers: 2, retries: 0, causes: isConfigured ? .connect : [])
        #expect(
            three.handle(.connectFailed(timedOut: false))
                == (isConfigured
                    ? .connect(fresh: false) : .answer(ProxyError(.upstreamUnavailable))))
    }

    @Test("A request is repeated as often as allowed, and no more", arguments: [0, 1, 2, 3])
    func retries(limit: Int) {
        var machine = ExchangeMachine(isIdempotent: true, servers: 1, retries: limit)
        for _ in 0..<limit {
            _ = machine.handle(ExchangeMachineTests.reused)
            #expect(
                machine.handle(.upstreamFailed(ExchangeMachineTests.closed))
                    == .retry(.stale))
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
        #expect(machine.handle(.connectFailed(timedOut: false)) == .hold)
        machine.moved(servers: count)
        for _ in 1..<count {
            #expect(machine.handle(.connectFailed(timedOut: true)) == .connect(fresh: false))
        }
        #expect(machine.handle(.connectFailed(timedOut: true)) == .hold)
        #expect(machine.handle(.retryDenied) == .answer(ExchangeMachineTests.unavailable))
    }

    @Test("What a server took the connection of, or what may not be tried again, is not held")
    func neverHeld() {
        var taken = ExchangeMachine(isIdempotent: true, servers: 2, retries: 0)
        #expect(taken.handle(.handshakeFailed) == .connect(fresh: false))
        #expect(
            taken.handle(.connectFailed(timedOut: false))
                == .answer(ExchangeMachineTests.unavailable))
        for event in [Event.noServer, .connectFailed(timedOut: false)] {
            var off = ExchangeMachine(isIdempotent: true, servers: 1, retries: 1, causes: [.reset])
            #expect(off.handle(event) == .answer(ExchangeMachineTests.unavailable))
            #expect(off.state == .finished)
        }
    }

    @Test("A new attempt knows nothing of the response to the last one")
    func freshAttempt() {
        var machine = ExchangeMachine(isIdempotent: true, servers: 1, retries: 2)
        _ = machine.handle(ExchangeMachineTests.reused)
        _ = machine.handle(.upstreamFailed(ExchangeMachineTests.closed))
        _ = machine.handle(ExchangeMachineTests.reused)
        #expect(
            machine.handle(.upstreamFailed(ExchangeMachineTests.closed)) == .retry(.stale))
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

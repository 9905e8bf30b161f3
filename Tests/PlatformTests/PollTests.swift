import Platform
import Testing

@Suite("Poll")
struct PollTests {
    @Test("Each descriptor that is readable is named, and no other")
    func several() throws {
        let events = try [EventDescriptor(), EventDescriptor(), EventDescriptor()]
        events[1].signal()
        #expect(
            Poll.wait(events.map(\.rawDescriptor), timeout: .seconds(5)) == [false, true, false])
    }

    @Test("When the time is over, none is readable")
    func timeout() throws {
        let event = try EventDescriptor()
        let begin = MonotonicTime.now()
        #expect(Poll.wait([event.rawDescriptor], timeout: .milliseconds(3)) == [false])
        #expect(MonotonicTime.now() - begin >= .milliseconds(3))
        #expect(Poll.wait([], timeout: .zero) == [])
        let again = MonotonicTime.now()
        let isReady = Poll.wait(
            [event.rawDescriptor], timeout: .milliseconds(3), unlessPending: Signal.endings)
        #expect(isReady == [false] && MonotonicTime.now() - again >= .milliseconds(3))
    }

    // The addition that rounds up to milliseconds trapped.
    @Test(
        "The longest timeout is allowed",
        arguments: [.seconds(Int64.max), .nanoseconds(Int64.max), nil] as [Duration?])
    func longest(timeout: Duration?) throws {
        let event = try EventDescriptor()
        event.signal()
        #expect(Poll.wait([event.rawDescriptor], timeout: timeout) == [true])
        let isReady = Poll.wait(
            [event.rawDescriptor], timeout: timeout ?? .zero, unlessPending: Signal.endings)
        #expect(isReady == [true])
    }
}

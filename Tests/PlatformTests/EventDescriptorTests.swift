import Platform
import Testing

@Suite("Event descriptor")
struct EventDescriptorTests {
    private func isReadable(_ event: EventDescriptor, within timeout: Duration = .zero) -> Bool {
        Poll.wait([event.rawDescriptor], timeout: timeout) == [true]
    }

    @Test("A descriptor is readable from a signal to the next drain")
    func signal() throws {
        let event = try EventDescriptor()
        #expect(!isReadable(event))
        event.signal()
        #expect(isReadable(event))
        #expect(isReadable(event))
        event.drain()
        #expect(!isReadable(event))
    }

    @Test("Many signals are drained at once, and draining without a signal does nothing")
    func many() throws {
        let event = try EventDescriptor()
        event.drain()
        for _ in 0..<1000 { event.signal() }
        event.drain()
        #expect(!isReadable(event))
        event.signal()
        #expect(isReadable(event))
    }

    @Test("A signal from another thread ends a wait")
    func otherThread() throws {
        let event = try EventDescriptor()
        let thread = try Thread.start(name: "signals", cpu: nil) { event.signal() }
        #expect(isReadable(event, within: .seconds(10)))
        thread.join()
    }
}

import Glibc
import Platform
import Synchronization
import Testing

/// Signals that a thread has read.
private final class Notes: Sendable {
    private let signals = Mutex<[Signal?]>([])

    func add(_ signal: Signal?) { signals.withLock { $0.append(signal) } }
    var all: [Signal?] { signals.withLock { $0 } }
}

@Suite("Signal")
struct SignalTests {
    @Test("The numbers are those of Linux")
    func numbers() {
        #expect(Signal.hangup.rawValue == SIGHUP && Signal.interrupt.rawValue == SIGINT)
        #expect(Signal.user1.rawValue == SIGUSR1 && Signal.user2.rawValue == SIGUSR2)
        #expect(Signal.pipe.rawValue == SIGPIPE && Signal.terminate.rawValue == SIGTERM)
        #expect(Signal.child.rawValue == SIGCHLD)
    }

    // The signals go to one thread, so that the rest of the test run sees none.
    @Test("Blocked signals are read in place of acting, each once")
    func read() throws {
        let notes = Notes()
        let thread = try Thread.start(name: "signals", cpu: nil) {
            SignalDescriptor.block([.user1, .user2])
            guard let signals = try? SignalDescriptor([.user1, .user2]) else { return }
            notes.add(signals.read())
            pthread_kill(pthread_self(), SIGUSR2)
            guard Poll.wait([signals.rawDescriptor], timeout: .seconds(5)) == [true] else { return }
            notes.add(signals.read())
            pthread_kill(pthread_self(), SIGUSR1)
            notes.add(signals.read())
            notes.add(signals.read())
        }
        thread.join()
        #expect(notes.all == [nil, .user2, .user1, nil])
    }

    @Test("A signal that has come ends a wait, and stays to be read")
    func pending() throws {
        let notes = Notes()
        let thread = try Thread.start(name: "signals", cpu: nil) {
            guard let signals = try? SignalDescriptor([.user2]), let event = try? EventDescriptor()
            else { return }
            pthread_kill(pthread_self(), SIGUSR2)
            guard SignalDescriptor.isPending([.user1, .user2]),
                !SignalDescriptor.isPending([.user1])
            else { return }
            let descriptors = [event.rawDescriptor]
            let begin = MonotonicTime.now()
            let isReady = Poll.wait(
                descriptors, timeout: .seconds(60), unlessPending: [.user2])
            guard isReady == [false], MonotonicTime.now() - begin < .seconds(30) else { return }
            event.signal()
            let isSignalled = Poll.wait(descriptors, timeout: .zero, unlessPending: [])
            guard isSignalled == [true] else { return }
            notes.add(signals.read())
        }
        thread.join()
        #expect(notes.all == [.user2])
    }

    @Test("A thread that is started here blocks what may come to the process")
    func threads() throws {
        let notes = Notes()
        let thread = try Thread.start(name: "signals", cpu: nil) {
            for signal in Signal.allCases {
                pthread_kill(pthread_self(), signal.rawValue)
            }
            guard let signals = try? SignalDescriptor(Signal.allCases) else { return }
            while let signal = signals.read() { notes.add(signal) }
        }
        thread.join()
        #expect(Set(notes.all) == Set(Signal.allCases))
    }
}

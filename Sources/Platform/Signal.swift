internal import CLinux
internal import Glibc

/// The signals that Martlet knows, by their numbers on Linux.
public enum Signal: CInt, Sendable, CaseIterable {
    /// SIGHUP
    case hangup = 1
    /// SIGINT
    case interrupt = 2
    /// SIGUSR1
    case user1 = 10
    /// SIGUSR2
    case user2 = 12
    /// SIGPIPE
    case pipe = 13
    /// SIGTERM
    case terminate = 15
    /// SIGCHLD
    case child = 17

    /// Those that ask the process to end.
    public static let endings: [Signal] = [.interrupt, .terminate]
}

/// Signals as something to read (signalfd), so that no code runs in a handler.
public final class SignalDescriptor: Sendable {
    private let descriptor: Descriptor

    /// Keeps these signals from acting on the calling thread and on those that it starts.
    public static func block(_ signals: [Signal]) {
        var set = sigset(signals)
        // SAFETY: owner: this frame.
        _ = unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// True exactly when one of these signals, which must be blocked, waits to be read.
    public static func isPending(_ signals: [Signal]) -> Bool {
        var pending = sigset_t()
        // SAFETY: owner: this frame.
        guard unsafe sigpending(&pending) == 0 else { return false }
        return signals.contains { unsafe sigismember(&pending, $0.rawValue) == 1 }
    }

    /// Runs `body` while every signal is blocked on this thread, so that a thread which it starts
    /// takes none, whenever the process decides which signals it reads.
    static func withAllBlocked<Result>(_ body: () -> Result) -> Result {
        var all = sigset_t()
        var before = sigset_t()
        // SAFETY: owner: this frame.
        unsafe sigfillset(&all)
        // A fault in the program itself must reach it.
        for fault in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT] {
            unsafe sigdelset(&all, fault)
        }
        _ = unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { _ = unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        return body()
    }

    /// Reads these signals; they must be blocked on every thread.
    public init(_ signals: [Signal]) throws(SystemError) {
        var set = SignalDescriptor.sigset(signals)
        // SAFETY: owner: this frame.
        let raw = unsafe martlet_signalfd(&set)
        guard raw >= 0 else { throw .last("create", "a signal descriptor") }
        descriptor = Descriptor(owning: raw)
    }

    /// The number to poll for reading.
    public var rawDescriptor: CInt { descriptor.rawValue }

    /// The next signal that came, or nil.
    public func read() -> Signal? {
        var info = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        // SAFETY: owner: this frame; bound: the size is passed.
        guard unsafe Glibc.read(descriptor.rawValue, &info, size) == size else { return nil }
        return Signal(rawValue: CInt(info.ssi_signo))
    }

    private static func sigset(_ signals: [Signal]) -> sigset_t {
        var set = sigset_t()
        // SAFETY: owner: this frame.
        unsafe sigemptyset(&set)
        for signal in signals { unsafe sigaddset(&set, signal.rawValue) }
        return set
    }
}

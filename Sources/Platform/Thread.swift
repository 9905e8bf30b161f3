internal import CLinux
internal import Glibc

/// A thread of the operating system.
public struct Thread: Sendable {
    private let handle: pthread_t

    /// What travels to the new thread.
    private final class Start: Sendable {
        let name: String
        let processor: Int?
        let body: @Sendable () -> Void

        init(name: String, processor: Int?, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.processor = processor
            self.body = body
        }
    }

    /// Starts a thread that runs `body` and ends; signals to the process never act on it.
    ///
    /// - Parameters:
    ///   - name: as `ps -L` shows it; 15 bytes at most, the rest is cut off.
    ///   - cpu: the processor to stay on; nil to let the kernel choose.
    ///   - stackSize: in bytes.
    public static func start(
        name: String, cpu: Int?, stackSize: Int = 1 << 20, _ body: @escaping @Sendable () -> Void
    ) throws(SystemError) -> Thread {
        let start = Start(name: Thread.shortened(name), processor: cpu, body: body)
        var attributes = pthread_attr_t()
        var handle = pthread_t()
        // SAFETY: owner: the retained `start` belongs to the new thread, which releases it; to this
        // one if there is none.
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        unsafe pthread_attr_setstacksize(&attributes, stackSize)
        let argument = unsafe Unmanaged.passRetained(start)
        let code = SignalDescriptor.withAllBlocked {
            unsafe pthread_create(&handle, &attributes, Thread.main, argument.toOpaque())
        }
        guard code == 0 else {
            unsafe argument.release()
            throw SystemError(code: code, operation: "start thread", subject: name)
        }
        return Thread(handle: handle)
    }

    /// What the kernel has room for: 15 bytes, cut between characters.
    private static func shortened(_ name: String) -> String {
        var name = name
        while name.utf8.count > 15 { name.removeLast() }
        return name
    }

    // SAFETY: the argument is the retained `Start` that `start` passed, and is released here once.
    private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? =
        { raw in
            guard let raw = unsafe raw else { return nil }
            let start = unsafe Unmanaged<Start>.fromOpaque(raw).takeRetainedValue()
            // SAFETY: the string's bytes are valid during the call.
            _ = unsafe start.name.withCString { unsafe martlet_thread_name($0) }
            if let processor = start.processor { _ = martlet_thread_pin(CInt(processor)) }
            start.body()
            return nil
        }

    /// Lets the threads that serve go first where processors are scarce: the present thread, and
    /// those that it starts from now on, get a tenth of their share.
    public static func stepBack() { martlet_thread_step_back() }

    /// Runs `body` on a thread of its own that steps back, and returns when that has ended; on the
    /// present one where there can be none. No thread gets back what it has given up, so that
    /// whoever works for a while only borrows one.
    public static func behind<Result>(_ body: () -> Result) -> Result {
        var result: Result?
        withoutActuallyEscaping(body) { body in
            // SAFETY: lifetime: this thread waits until the other has ended, which alone uses both
            // meanwhile.
            nonisolated(unsafe) let body = body
            nonisolated(unsafe) var outcome: Result?
            let thread = try? Thread.start(name: "behind", cpu: nil, stackSize: 8 << 20) {
                stepBack()
                unsafe outcome = unsafe body()
            }
            thread?.join()
            result = unsafe outcome
        }
        return result ?? body()
    }

    /// Lets the thread end by itself: nobody is going to wait for it.
    public func detach() {
        // SAFETY: the handle is not used afterwards.
        _ = pthread_detach(handle)
    }

    /// Waits until the thread has ended; once.
    public func join() {
        // SAFETY: nothing is asked back from the thread.
        _ = pthread_join(handle, nil)
    }
}

/// The processors that this process may run on.
public enum Processors {
    /// How many there are.
    public static var available: Int { list().count }

    /// Their numbers.
    public static func list() -> [Int] {
        (0..<1024).filter { martlet_may_run_on(CInt($0)) != 0 }
    }
}

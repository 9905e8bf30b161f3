internal import CFuzzer
public import FuzzChecks
internal import Glibc

/// Lets libFuzzer at one check.
public enum FuzzDriver {
    /// Tries inputs until the time is up or one breaks a property; never returns.
    public static func run(_ check: @escaping @Sendable ([UInt8]) throws(Broken) -> Void) -> Never {
        // SAFETY: see its declaration.
        unsafe current = check
        var count = CommandLine.argc
        // SAFETY: the arguments of the process live as long as it does, and nothing else runs.
        var arguments = unsafe Optional(CommandLine.unsafeArgv)
        // SAFETY: libFuzzer uses both until it ends the process.
        exit(unsafe LLVMFuzzerRunDriver(&count, &arguments) { unsafe tryInput($0, $1) })
    }

    /// A broken property ends the process, which is how libFuzzer takes notice and keeps the input.
    fileprivate static func take(_ bytes: [UInt8]) {
        do throws(Broken) {
            // SAFETY: see its declaration.
            try unsafe current(bytes)
        } catch {
            print("BROKEN: \(error)")
            fflush(nil)
            abort()
        }
    }

    // SAFETY: set once before the first input; libFuzzer calls on one thread.
    nonisolated(unsafe) private static var current: ([UInt8]) throws(Broken) -> Void = { _ in }
}

/// What libFuzzer calls with one input after another; its own `main`, which is not used, names it.
@_cdecl("LLVMFuzzerTestOneInput")
func tryInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // SAFETY: libFuzzer owns the bytes and keeps them for the call; they are copied first.
    FuzzDriver.take(unsafe Array(UnsafeBufferPointer(start: bytes, count: count)))
    return 0
}

import Glibc
import Platform

/// A pipe with a name in a folder.
enum NamedPipe {
    /// Makes it.
    static func make(_ path: String) throws {
        // SAFETY: owner: the string, for the call; bound: the C string ends in zero.
        guard unsafe mkfifo(path, 0o600) == 0 else {
            throw SystemError(code: 0, operation: "make pipe", subject: path)
        }
    }

    /// Has the pipe open and reads nothing; whoever writes is released when it goes.
    final class Reader {
        private let descriptor: CInt

        /// Opens the pipe without waiting for a writer.
        init(_ path: String) throws {
            // SAFETY: owner: the string, for the call; bound: the C string ends in zero.
            descriptor = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
            guard descriptor >= 0 else {
                throw SystemError(code: 0, operation: "open", subject: path)
            }
        }

        deinit { close(descriptor) }

        /// True exactly when something is written before long.
        func waitForBytes() -> Bool { Poll.wait([descriptor], timeout: .seconds(60))[0] }
    }
}

import CSpawn
import Foundation

/// A child of this process, made by `posix_spawn`.
///
/// Foundation's `Process` lists the descriptors of its parent, copies the last entry of a full
/// buffer from beyond its end, and dies of it where some 1,360 descriptors are open.
final class ChildProcess: @unchecked Sendable {
    /// Its number.
    let id: pid_t
    private let condition = NSCondition()
    private var end: Int32?

    /// Starts the program at a path; it has the three descriptors as its standard ones, no other,
    /// and no signal blocked or ignored.
    init(
        path: String, arguments: [String], environment: [String: String], folder: String?,
        standard: [FileHandle]
    ) throws {
        // SAFETY: owner: this frame, which ends both objects; all strings live over the call.
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for (number, handle) in standard.enumerated() {
            unsafe posix_spawn_file_actions_adddup2(
                &actions, handle.fileDescriptor, Int32(number))
        }
        unsafe cspawn_addclosefrom(&actions, Int32(standard.count))
        if let folder { unsafe cspawn_addchdir(&actions, folder) }
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe sigfillset(&signals)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        unsafe posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var words = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
        var variables = unsafe environment.map { unsafe strdup("\($0)=\($1)") } + [nil]
        defer { unsafe (words + variables).forEach { unsafe free($0) } }
        var id: pid_t = 0
        let code = unsafe posix_spawn(&id, path, &actions, &attributes, &words, &variables)
        guard code == 0 else {
            throw TestFailure("cannot start '\(path)': error \(code)")
        }
        self.id = id
        Foundation.Thread { [self] in takeEnd() }.start()
    }

    /// Takes the child's end; it keeps its number until then.
    private func takeEnd() {
        // SAFETY: owner: this frame.
        var information = unsafe siginfo_t()
        while unsafe waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {
        }
        condition.withLock {
            var status: Int32 = 0
            unsafe waitpid(id, &status, 0)
            let signal = status & 0x7f
            end = signal == 0 ? (status >> 8) & 0xff : -signal
            condition.broadcast()
        }
    }

    /// Sends a signal, unless it has ended.
    func signal(_ number: Int32) {
        condition.withLock {
            if end == nil { _ = kill(id, number) }
        }
    }

    /// Waits for its end: the exit code, minus the signal that ended it, or nil where it goes on.
    func wait(atMost seconds: Double) -> Int32? {
        let deadline = Date().addingTimeInterval(seconds)
        return condition.withLock {
            while end == nil, condition.wait(until: deadline) {}
            return end
        }
    }
}

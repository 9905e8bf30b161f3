internal import Platform
internal import Telemetry

/// Makes watchers of folders, and says once where the system gives none: files are then compared by
/// the clock alone, which is no reason not to serve. Control thread only.
final class FolderWatchers {
    /// Makes one watcher.
    typealias Make = () throws(SystemError) -> DirectoryWatcher

    private let events: EventLog
    private let make: Make
    private var hasWarned = false

    init(events: EventLog, make: @escaping Make = FolderWatchers.system) {
        self.events = events
        self.make = make
    }

    /// Asks the system.
    static func system() throws(SystemError) -> DirectoryWatcher { try DirectoryWatcher() }

    /// One watcher more; nil where there is none to be had.
    func next() -> DirectoryWatcher? {
        do throws(SystemError) {
            return try make()
        } catch {
            warn(error)
            return nil
        }
    }

    private func warn(_ error: SystemError) {
        guard !hasWarned else { return }
        hasWarned = true
        let text =
            "no folder can be watched: \(error); files are compared every "
            + "\(Supervisor.fallbackInterval) instead; raise the sysctl "
            + "fs.inotify.max_user_instances and restart"
        events.emit(.warning, .configWarning, ("text", .text(text)))
    }
}

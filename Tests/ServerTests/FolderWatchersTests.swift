import Glibc
import Platform
import Telemetry
import TestSupport
import Testing

@testable import Server

struct FolderWatchersTests {
    private let folder: TemporaryFolder
    private let sink: LogSink

    init() throws {
        folder = try TemporaryFolder()
        sink = try LogSink(destination: .file(folder.path("log")))
    }

    private func lines() throws -> [Substring] {
        sink.flushAndStop()
        return try folder.read("log").split(separator: "\n")
    }

    /// Where other programs of the user had taken all instances of inotify, nothing started.
    @Test("Where the system gives no watcher there is none, and one warning says what to raise")
    func none() throws {
        let watchers = FolderWatchers(events: EventLog(sink: sink, minimum: .info)) {
            () throws(SystemError) -> DirectoryWatcher in
            throw SystemError(code: EMFILE, operation: "create", subject: "a watcher")
        }
        #expect(watchers.next() == nil)
        #expect(watchers.next() == nil)
        let lines = try lines()
        #expect(lines.count == 1)
        #expect(lines.first?.contains(" warning config.warning text=") == true)
        #expect(lines.first?.contains("fs.inotify.max_user_instances") == true)
    }

    @Test("Elsewhere each asks for a watcher of its own, and nothing is said")
    func some() throws {
        let watchers = FolderWatchers(events: EventLog(sink: sink, minimum: .info))
        let first = try #require(watchers.next())
        let second = try #require(watchers.next())
        #expect(first.rawDescriptor != second.rawDescriptor)
        #expect(try lines() == [])
    }
}

import Bytes
import Foundation
import Platform
import TestSupport
import Testing

@testable import Telemetry

@Suite("Log sink")
struct LogSinkTests {
    private let folder: TemporaryFolder
    private let lost = LostLines()

    init() throws { folder = try TemporaryFolder() }

    private func write(_ line: String, to channel: LogChannel) {
        channel.write((line + "\n").utf8.span)
        channel.flush()
    }

    private func lines(_ name: String) throws -> [String] {
        try folder.read(name).split(separator: "\n").map(String.init)
    }

    /// Waits until a file in the folder has a text.
    private func wait(for text: String, in name: String, _ watcher: DirectoryWatcher) throws {
        while try folder.read(name) != text {
            guard Poll.wait([watcher.rawDescriptor], timeout: .seconds(30)) == [true] else {
                throw TestFailure("'\(name)' never held '\(text)'")
            }
            _ = watcher.drain()
        }
    }

    @Test("A line is written soon although nobody stops the log")
    func soon() throws {
        let watcher = try DirectoryWatcher()
        try watcher.watch(folder.path)
        let sink = try LogSink(destination: .file(folder.path("log")))
        let channel = sink.makeChannel()
        write("one", to: channel)
        try wait(for: "one\n", in: "log", watcher)
        write("two", to: channel)
        try wait(for: "one\ntwo\n", in: "log", watcher)
        sink.flushAndStop()
        #expect(try lines("log") == ["one", "two"])
    }

    @Test("What is in the file stays, and the new lines follow")
    func appends() throws {
        try folder.write("old\n", to: "log")
        let sink = try LogSink(destination: .file(folder.path("log")))
        write("new", to: sink.makeChannel())
        sink.flushAndStop()
        #expect(try lines("log") == ["old", "new"])
    }

    @Test("Lines of several channels are whole, in each channel's order, and none is missing")
    func channels() throws {
        let sink = try LogSink(destination: .file(folder.path("log")), lost: lost)
        let threads = try (0..<4).map { thread in
            let channel = sink.makeChannel()
            return try Thread.start(name: "test", cpu: nil) {
                for number in 0..<2000 { channel.write("\(thread) \(number)\n".utf8.span) }
                channel.flush()
            }
        }
        for thread in threads { thread.join() }
        sink.flushAndStop()
        let lines = try lines("log")
        for thread in 0..<4 {
            #expect(
                lines.filter { $0.hasPrefix("\(thread) ") } == (0..<2000).map { "\(thread) \($0)" })
        }
        #expect(lines.count == 8000)
        #expect(lost.count == 0)
    }

    @Test("After a rename the old file gets no more, once the log was opened anew")
    func reopen() throws {
        let watcher = try DirectoryWatcher()
        try watcher.watch(folder.path)
        let sink = try LogSink(destination: .file(folder.path("log")))
        let channel = sink.makeChannel()
        write("one", to: channel)
        try wait(for: "one\n", in: "log", watcher)
        try Files.move(folder.path("log"), to: folder.path("log.1"))
        write("two", to: channel)
        try wait(for: "one\ntwo\n", in: "log.1", watcher)
        sink.reopen()
        write("three", to: channel)
        sink.flushAndStop()
        #expect(try lines("log.1") == ["one", "two"])
        #expect(try lines("log") == ["three"])
    }

    // The writer looked for a wish to reopen before it took the lines: one that came between went
    // to the old file, which logrotate may be compressing by then.
    @Test("No line that is written after a reopen goes to an older file")
    func reopenOrder() throws {
        let sink = try LogSink(destination: .file(folder.path("log")), lost: lost)
        let channel = sink.makeChannel()
        let rounds = 300
        for round in 1...rounds {
            // Not there if the writer has not followed the last round yet.
            try? Files.move(folder.path("log"), to: folder.path("log.\(round)"))
            sink.reopen()
            write("\(round)", to: channel)
        }
        sink.flushAndStop()
        var seen: [Int] = try lines("log").compactMap { Int($0) }
        for round in 1...rounds where Files.exists(folder.path("log.\(round)")) {
            let older = try lines("log.\(round)").compactMap { Int($0) }
            #expect(older.allSatisfy { $0 < round })
            seen += older
        }
        #expect(seen.sorted() == Array(1...rounds))
        #expect(lost.count == 0)
    }

    @Test("A log that cannot be opened anew goes on in the old file")
    func reopenFails() throws {
        let inner = folder.path("inner")
        try Files.createDirectories(inner, mode: 0o700)
        let sink = try LogSink(destination: .file(inner + "/log"), lost: lost)
        try Files.move(inner, to: folder.path("moved"))
        sink.reopen()
        write("one", to: sink.makeChannel())
        sink.flushAndStop()
        #expect(try folder.read("moved/log") == "one\n")
        #expect(lost.count == 0)
    }

    @Test("A log that cannot be opened says why")
    func unopened() {
        let path = folder.path("missing/log")
        let error = #expect(throws: SystemError.self) { try LogSink(destination: .file(path)) }
        #expect(error?.isNotFound == true)
        #expect(error?.subject == path)
    }

    @Test("Lines that the file does not take are counted")
    func writeError() {
        let lost = self.lost
        do {
            let sink = try LogSink(destination: .file("/dev/full"), lost: lost)
            let channels = [sink.makeChannel(), sink.makeChannel()]
            for channel in channels {
                for number in 0..<5 { channel.write("line \(number)\n".utf8.span) }
                channel.flush()
            }
            sink.flushAndStop()
            #expect(lost.count == 10)
        } catch {
            Issue.record(error)
        }
    }

    @Test("A line longer than the queue is lost, and only that one", arguments: [-1, 0, 1])
    func longest(beyond: Int) throws {
        let sink = try LogSink(destination: .file(folder.path("log")), lost: lost)
        let channel = sink.makeChannel()
        let long = String(repeating: "x", count: LogChannel.capacity + beyond - 1)
        channel.write((long + "\n").utf8.span)
        channel.flush()
        sink.flushAndStop()
        #expect(try folder.read("log") == (beyond > 0 ? "" : long + "\n"))
        #expect(lost.count == (beyond > 0 ? 1 : 0))
    }

    // A reader of standard output that has stopped, as `martlet run | less`.
    @Test(
        "While the file takes nothing, lines beyond the queue are lost and counted, and none waits")
    func fullQueue() throws {
        let path = folder.path("pipe")
        // SAFETY: the string is lent for the call.
        try #require(unsafe mkfifo(path, 0o600) == 0)
        let reader = try #require(FileHandle(forUpdatingAtPath: path))
        let sink = try LogSink(destination: .file(path), lost: lost)
        let channel = sink.makeChannel()
        let text = String(repeating: "x", count: 1000)
        // More than the pipe, the writer's batch and the queue hold together.
        let total = 4 * LogChannel.capacity / text.count
        for number in 0..<total { write("\(number) \(text)", to: channel) }
        let lostBefore = lost.count
        #expect(lostBefore > 0)

        let stopped = try EventDescriptor()
        let stopping = try Thread.start(name: "test", cpu: nil) {
            sink.flushAndStop()
            stopped.signal()
        }
        var received = Data()
        while true {
            let ready = Poll.wait(
                [reader.fileDescriptor, stopped.rawDescriptor], timeout: .seconds(60))
            guard ready[0] else { break }
            received += reader.availableData
        }
        stopping.join()
        let lines = String(decoding: received, as: UTF8.self).split(separator: "\n")
        let numbers = lines.compactMap {
            $0.hasSuffix(" " + text) ? Int($0.prefix { $0 != " " }) : nil
        }
        #expect(numbers.count == lines.count)
        #expect(numbers == numbers.sorted())
        #expect(lines.count + Int(lost.count) == total)
        #expect(lost.count == lostBefore)
    }
}

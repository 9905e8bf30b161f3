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

    /// Makes a pipe in the folder for a log to write to; the handle is the reader's end.
    private func pipe(_ name: String) throws -> FileHandle {
        let path = folder.path(name)
        // SAFETY: the string is lent for the call.
        try #require(unsafe mkfifo(path, 0o600) == 0)
        return try #require(FileHandle(forUpdatingAtPath: path))
    }

    /// Waits until a pipe has given a text.
    private func wait(for text: String, from reader: FileHandle) throws {
        var received = Data()
        while received.count < text.utf8.count {
            guard Poll.wait([reader.fileDescriptor], timeout: .seconds(30)) == [true] else {
                throw TestFailure("the log never wrote '\(text)'")
            }
            received += reader.availableData
        }
        #expect(String(decoding: received, as: UTF8.self) == text)
    }

    @Test("A line is written soon although nobody stops the log")
    func soon() throws {
        let reader = try pipe("log")
        let sink = try LogSink(destination: .file(folder.path("log")))
        let channel = sink.makeChannel()
        write("one", to: channel)
        try wait(for: "one\n", from: reader)
        write("two", to: channel)
        try wait(for: "two\n", from: reader)
        sink.flushAndStop()
        #expect(Poll.wait([reader.fileDescriptor], timeout: .zero) == [false])
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
        let reader = try pipe("log")
        let sink = try LogSink(destination: .file(folder.path("log")))
        let channel = sink.makeChannel()
        write("one", to: channel)
        try wait(for: "one\n", from: reader)
        try Files.move(folder.path("log"), to: folder.path("log.1"))
        write("two", to: channel)
        try wait(for: "two\n", from: reader)
        sink.reopen()
        write("three", to: channel)
        sink.flushAndStop()
        #expect(Poll.wait([reader.fileDescriptor], timeout: .zero) == [false])
        #expect(try lines("log") == ["three"])
    }

    // The writer slept between two lines even when they came a millisecond apart, and each request
    // paid for waking it.
    @Test("Lines that follow one another gather while the writer naps")
    func naps() throws {
        let reader = try pipe("log")
        let sink = try LogSink(destination: .file(folder.path("log")))
        let channel = sink.makeChannel()
        var reads = 0
        let start = MonotonicTime.now()
        for number in 0..<200 {
            write("\(number)", to: channel)
            if Poll.wait([reader.fileDescriptor], timeout: .milliseconds(1)) == [true] {
                reads += 1
                _ = reader.availableData
            }
        }
        // Between two writes lies a nap, however slow the machine is.
        let naps = (MonotonicTime.now() - start) / .milliseconds(20)
        sink.flushAndStop()
        #expect(Double(reads) <= naps + 2)
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
        let reader = try pipe("log")
        let sink = try LogSink(destination: .file(folder.path("log")), lost: lost)
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

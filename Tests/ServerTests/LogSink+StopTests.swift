import Bytes
import Platform
import Telemetry
import TestSupport
import Testing

@testable import Server

struct LogSinkStopTests {
    @Test("What waits is written before the end")
    func writes() throws {
        let folder = try TemporaryFolder()
        let sink = try LogSink(destination: .file(folder.path("a.log")))
        let channel = sink.makeChannel()
        channel.write("line\n".utf8.span)
        sink.stop(within: .seconds(60))
        #expect(try folder.read("a.log") == "line\n")
    }

    @Test("A pipe that nobody reads is not waited for")
    func stuckPipe() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("pipe")
        try NamedPipe.make(path)
        let reader = try NamedPipe.Reader(path)
        let sink = try LogSink(destination: .file(path))
        let channel = sink.makeChannel()
        let line = String(repeating: "x", count: 300_000) + "\n"
        channel.write(line.utf8.span)
        sink.stop(within: .milliseconds(50))
        #expect(reader.waitForBytes())
    }
}

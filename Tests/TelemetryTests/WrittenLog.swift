import Platform
import TestSupport

@testable import Telemetry

/// A log in a file of its own, read once everything is written.
final class WrittenLog: Sendable {
    private let folder: TemporaryFolder
    let sink: LogSink
    let lost = LostLines()

    init() throws {
        folder = try TemporaryFolder()
        sink = try LogSink(destination: .file(folder.path("log")), lost: lost)
    }

    /// Ends the log and returns its lines.
    func lines() throws -> [String] {
        sink.flushAndStop()
        let text = try folder.read("log")
        guard text.isEmpty || text.hasSuffix("\n") else { throw TestFailure("cut: '\(text)'") }
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            .map(String.init)
    }

    /// Ends the log and returns its lines without their times.
    func events() throws -> [String] {
        try lines().map { line in
            guard let space = line.firstIndex(of: " ") else { throw TestFailure("odd: '\(line)'") }
            return String(line[line.index(after: space)...])
        }
    }
}

import Foundation
import TestSupport

/// The programs in `Scripts`, which play a client that others have written.
enum Script {
    /// Where they stand.
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Scripts").path

    /// Starts a scenario: a function in a file of Python's, with the port and the authority's file
    /// of an instance and more as arguments.
    static func start(
        _ file: String, _ scenario: String, _ martlet: MartletInstance, _ more: String...
    ) throws -> RunningProcess {
        // Debian's Python, whose packages these are; -B: nothing is written beside the sources.
        try RunningProcess(
            "/usr/bin/python3",
            [
                "-B", "-u", "\(folder)/\(file).py", scenario, "\(martlet.port)",
                martlet.folder.path("ca.pem"),
            ] + more)
    }

    /// Runs a scenario to its end; what it says beside `done`.
    @discardableResult
    static func run(
        _ file: String, _ scenario: String, _ martlet: MartletInstance
    ) throws -> [String] {
        let process = try start(file, scenario, martlet)
        return try finish(process)
    }

    /// Waits for the end of a scenario; what it has said beside `done`.
    @discardableResult
    static func finish(_ process: RunningProcess) throws -> [String] {
        let code = try process.wait(atMost: 200)
        guard code == 0, process.output.all.last == "done" else {
            throw TestFailure("\(code) \(process.output.text)\n\(process.errors.text)")
        }
        return process.output.all.dropLast()
    }
}

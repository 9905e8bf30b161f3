import Foundation
import Platform

/// A process that a test started; killed when the last reference goes.
public final class RunningProcess: @unchecked Sendable {
    private let child: ChildProcess
    private let command: String
    /// What it writes to standard output.
    public let output = Lines()
    /// What it writes to standard error.
    public let errors = Lines()

    /// Starts a program, found by `PATH` unless its name has a slash.
    public init(
        _ program: String, _ arguments: [String], folder: String? = nil,
        environment: [String: String] = [:], input: String? = nil
    ) throws {
        let isPath = program.contains("/")
        var variables = ProcessInfo.processInfo.environment
        variables["PATH"] = (variables["PATH"] ?? "") + ":/usr/sbin:/sbin"
        command = ([program] + arguments).joined(separator: " ")
        let (said, complained, told) = (Pipe(), Pipe(), input == nil ? nil : Pipe())
        child = try ChildProcess(
            path: isPath ? program : "/usr/bin/env",
            arguments: isPath ? arguments : [program] + arguments,
            environment: variables.merging(environment) { $1 }, folder: folder,
            standard: [
                told?.fileHandleForReading ?? .nullDevice,
                said.fileHandleForWriting, complained.fileHandleForWriting,
            ])
        for (pipe, lines) in [(said, output), (complained, errors)] {
            try pipe.fileHandleForWriting.close()
            RunningProcess.follow(pipe.fileHandleForReading, lines)
        }
        guard let told, let input else { return }
        // A process that ends without reading all of it must not end this one.
        _ = Foundation.signal(SIGPIPE, SIG_IGN)
        try told.fileHandleForReading.close()
        try? told.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try told.fileHandleForWriting.close()
    }

    private static func follow(_ reading: FileHandle, _ lines: Lines) {
        Foundation.Thread {
            while true {
                let data = reading.availableData
                lines.take(data)
                if data.isEmpty { return }
            }
        }.start()
    }

    deinit { child.signal(SIGKILL) }

    /// Its number.
    public var id: Int32 { child.id }

    /// Sends a signal.
    public func signal(_ number: Int32) { child.signal(number) }

    /// Waits until it has ended, and returns its exit code, or minus the signal that ended it.
    public func wait(atMost seconds: Double = 20) throws -> Int32 {
        guard let code = child.wait(atMost: seconds) else {
            throw TestFailure(
                "'\(command)' has not ended in time:\n\(output.text)\n\(errors.text)")
        }
        try output.waitForEnd()
        try errors.waitForEnd()
        return code
    }

    /// Resident memory in bytes, now and at its highest.
    public func memory() throws -> (now: Int, peak: Int) {
        let status = try String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)
        func value(_ key: String) -> Int {
            let line = status.split(separator: "\n").first { $0.hasPrefix(key) }
            return line.flatMap { Int($0.filter(\.isNumber)) }.map { $0 * 1024 } ?? 0
        }
        return (value("VmRSS:"), value("VmHWM:"))
    }

    /// How many bytes a sanitizer may hold beside what the process itself uses.
    public static let sanitizerMemory: Int = {
        let value = ProcessInfo.processInfo.environment["MARTLET_SANITIZER_MIB"]
        return (value.flatMap { Int($0) } ?? 0) << 20
    }()

    /// CPU time in seconds, user and system.
    public func cpuSeconds() throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12])
        else {
            throw TestFailure("no CPU time in '\(text)'")
        }
        return (user + system) / 100
    }

    /// Runs a program to its end.
    public static func run(
        _ program: String, _ arguments: [String], folder: String? = nil,
        environment: [String: String] = [:], input: String? = nil, atMost seconds: Double = 60
    ) throws -> (code: Int32, output: String, errors: String) {
        let process = try RunningProcess(
            program, arguments, folder: folder, environment: environment, input: input)
        let code = try process.wait(atMost: seconds)
        return (code, process.output.text, process.errors.text)
    }
}

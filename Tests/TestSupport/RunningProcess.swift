import Foundation
import Platform

/// A process that a test started; killed when the last reference goes.
public final class RunningProcess: @unchecked Sendable {
    private let process = Process()
    private let ended = DispatchSemaphore(value: 0)
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
        process.executableURL = URL(fileURLWithPath: isPath ? program : "/usr/bin/env")
        process.arguments = isPath ? arguments : [program] + arguments
        if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
        var variables = ProcessInfo.processInfo.environment
        variables["PATH"] = (variables["PATH"] ?? "") + ":/usr/sbin:/sbin"
        process.environment = variables.merging(environment) { $1 }
        let ended = self.ended
        process.terminationHandler = { _ in ended.signal() }
        try RunningProcess.starting.withLock { try start(input) }
    }

    /// One at a time: a process that starts between would inherit the pipes of another, and keep
    /// them open.
    private static let starting = NSLock()

    private func start(_ input: String?) throws {
        RunningProcess.follow(process, output, errors)
        if let input {
            let pipe = Pipe()
            process.standardInput = pipe
            try process.run()
            try pipe.fileHandleForWriting.write(contentsOf: Data(input.utf8))
            try pipe.fileHandleForWriting.close()
        } else {
            process.standardInput = FileHandle.nullDevice
            try process.run()
        }
    }

    private static func follow(_ process: Process, _ output: Lines, _ errors: Lines) {
        for (lines, isOutput) in [(output, true), (errors, false)] {
            let pipe = Pipe()
            let reading = pipe.fileHandleForReading
            Foundation.Thread {
                while true {
                    let data = reading.availableData
                    lines.take(data)
                    if data.isEmpty { return }
                }
            }.start()
            if isOutput { process.standardOutput = pipe } else { process.standardError = pipe }
        }
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// Its number.
    public var id: Int32 { process.processIdentifier }

    /// Sends a signal.
    public func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Waits until it has ended, and returns its exit code, or minus the signal that ended it.
    public func wait(atMost seconds: Double = 20) throws -> Int32 {
        guard ended.wait(timeout: .now() + seconds) == .success else {
            throw TestFailure(
                "'\(process.arguments ?? [])' has not ended in time:\n"
                    + "\(output.text)\n\(errors.text)"
            )
        }
        ended.signal()
        try output.waitForEnd()
        try errors.waitForEnd()
        return process.terminationReason == .exit
            ? process.terminationStatus : -process.terminationStatus
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

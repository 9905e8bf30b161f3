import Foundation

/// Lines that a process writes, collected as they come, to be waited for.
public final class Lines: @unchecked Sendable {
    private let condition = NSCondition()
    private var lines: [String] = []
    private var rest: [UInt8] = []
    private var isEnded = false

    init() {}

    /// Takes what was read; nothing means the end.
    func take(_ data: Data) {
        condition.lock()
        defer {
            condition.broadcast()
            condition.unlock()
        }
        guard !data.isEmpty else {
            if !rest.isEmpty { lines.append(String(decoding: rest, as: UTF8.self)) }
            rest = []
            isEnded = true
            return
        }
        for byte in data {
            if byte == UInt8(ascii: "\n") {
                lines.append(String(decoding: rest, as: UTF8.self))
                rest = []
            } else {
                rest.append(byte)
            }
        }
    }

    /// All that came so far.
    public var all: [String] {
        condition.withLock { lines }
    }

    /// All that came so far, as one text.
    public var text: String { all.joined(separator: "\n") }

    /// Waits until so many lines contain `part`, and returns the last of them.
    ///
    /// - Throws: `TestFailure` with everything that came, once the time is over or the process has
    ///   ended without.
    @discardableResult
    public func wait(
        for part: String, count: Int = 1, atMost seconds: Double = 20
    ) throws -> String {
        let deadline = Date().addingTimeInterval(seconds)
        condition.lock()
        defer { condition.unlock() }
        while true {
            let found = lines.filter { $0.contains(part) }
            if found.count >= count, let last = found.last { return last }
            if isEnded || !condition.wait(until: deadline) {
                let text = lines.joined(separator: "\n")
                let end = isEnded ? "before the end" : "in time"
                throw TestFailure(
                    "'\(part)' did not come \(count) times \(end):\n\(text)"
                )
            }
        }
    }

    /// Waits until the process closes its output.
    public func waitForEnd(atMost seconds: Double = 20) throws {
        let deadline = Date().addingTimeInterval(seconds)
        condition.lock()
        defer { condition.unlock() }
        while !isEnded {
            guard condition.wait(until: deadline) else {
                throw TestFailure(
                    "the output did not end in time:\n\(lines.joined(separator: "\n"))")
            }
        }
    }
}

import Foundation
import TestSupport
import Testing

@Suite("The tests' own processes")
struct ChildProcessTests {
    @Test("A process starts beside 1,500 open descriptors, and inherits none of them")
    func manyDescriptors() throws {
        let held = (0..<1_500).compactMap { _ in FileHandle(forReadingAtPath: "/dev/null") }
        let result = try RunningProcess.run("ls", ["/proc/self/fd"])
        #expect(result.code == 0)
        // The three standard ones and that of the directory.
        #expect(result.output == "0\n1\n2\n3")
        #expect(held.count == 1_500)
    }

    @Test("What a process does not read of its input is no failure")
    func unreadInput() throws {
        let input = String(repeating: "x", count: 1 << 20)
        #expect(try RunningProcess.run("true", [], input: input).code == 0)
    }

    @Test("A process that is ended by a signal says by which")
    func signals() throws {
        let process = try RunningProcess("sleep", ["60"])
        process.signal(SIGTERM)
        #expect(try process.wait() == -SIGTERM)
    }
}

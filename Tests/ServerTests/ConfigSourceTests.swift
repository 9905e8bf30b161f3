import Config
import Foundation
import TestSupport
import Testing

@testable import Server

struct ConfigSourceTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// The line that stands against reading a file.
    private func refusal(_ name: String, again: Bool = false) -> StartError? {
        do throws(StartError) {
            _ = try ConfigSource.file(folder.path(name)).load(again: again)
            return nil
        } catch {
            return error
        }
    }

    @Test("A file is read anew by each load")
    func anew() throws {
        let source = ConfigSource.file(try folder.write("limitz: 1", to: "a.yaml"))
        #expect(try source.load().diagnostics.contains { $0.message.contains("limitz") })
        try folder.write("sitez: 1", to: "a.yaml")
        #expect(try source.load(again: true).diagnostics.contains { $0.message.contains("sitez") })
    }

    @Test("What cannot be read is one line of a diagnostic, and exit code 1")
    func unreadable() throws {
        for name in ["missing.yaml", "."] {
            let error = try #require(refusal(name))
            #expect(error.exitCode == 1)
            #expect(error.description.hasPrefix("\(folder.path(name)):1:1: error: cannot read"))
            #expect(!error.description.contains("\n"))
        }
    }

    @Test("A pipe is not waited for at a reload")
    func pipe() throws {
        try NamedPipe.make(folder.path("pipe"))
        #expect(refusal("pipe", again: true)?.description.contains("no file") == true)
    }

    @Test("A file is read up to the largest size", arguments: [0, 1])
    func size(beyond: Int) throws {
        try folder.write("", to: "a.yaml")
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path("a.yaml")))
        try file.truncate(atOffset: UInt64(ConfigLoader.maximumBytes + beyond))
        try file.close()
        #expect((refusal("a.yaml") != nil) == (beyond > 0))
    }
}

import Foundation
import Platform
import TestSupport
import Testing

/// Windows of HTTP/2, and what they bound: scenarios of `Scripts/flow.py`.
@Suite(.serialized) struct FlowControlTests {
    private let gate = DispatchSemaphore(value: 0)

    /// A backend with a body of 1 MiB, and two places that count what is sent to them, one of them
    /// once the gate is open.
    private func origin() throws -> Origin {
        try Origin { [gate] connection in
            let block = [UInt8](repeating: 97, count: 1 << 16)
            while let head = connection.readHead() {
                if head.hasPrefix("GET") {
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(1 << 20)\r\n\r\n")
                    for _ in 0..<16 { connection.send(block) }
                    continue
                }
                if head.contains("/slow") { gate.wait() }
                var count = 0
                while true {
                    let line = connection.read(until: "\r\n")
                    guard let size = Int(line.dropLast(1), radix: 16), size > 0 else { break }
                    count += connection.read(size + 2).utf8.count - 2
                }
                _ = connection.read(until: "\r\n")
                let text = "\(count)"
                connection.send(
                    "HTTP/1.1 200 OK\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)")
            }
        }
    }

    private func start(_ timeouts: String = "") throws -> MartletInstance {
        let origin = try origin()
        return try MartletInstance(
            sites: MartletInstance.site(origin.address),
            more: "workers: 1\ntimeouts: { \(timeouts) }", keeping: origin)
    }

    @Test(
        "Streams do not wait for each other, and all are completed",
        arguments: ["greedy_and_shy", "hundred"])
    func streams(scenario: String) throws {
        let martlet = try start()
        try Script.run("flow", scenario, martlet)
        #expect(try martlet.process.memory().peak < StreamingTests.memoryLimit)
    }

    @Test("100 streams whose client takes nothing hold a bounded buffer each")
    func waiting() throws {
        let martlet = try start()
        let go = martlet.folder.path("go")
        let client = try Script.start("flow", "hundred_slow", martlet, go)
        try client.output.wait(for: "waiting", atMost: 60)
        try martlet.waitUntilIdle()
        let held = try martlet.process.memory().peak
        #expect(held < StreamingTests.memoryLimit, "\(held)")
        _ = try martlet.folder.write("", to: "go")
        try Script.finish(client)
    }

    @Test(
        "A client that makes no room is ended by response_write, stream by stream",
        arguments: ["no_window", "no_connection_window", "drip"])
    func noRoom(scenario: String) throws {
        let martlet = try start("response_write: 1s")
        try Script.run("flow", scenario, martlet)
    }

    @Test("A backend that does not read stops its client by the window, not the memory")
    func slowUpload() throws {
        let martlet = try start()
        let go = martlet.folder.path("go")
        let client = try Script.start("flow", "slow_upload", martlet, go)
        try client.output.wait(for: "waiting", atMost: 60)
        try martlet.waitUntilIdle()
        #expect(try martlet.process.memory().peak < StreamingTests.memoryLimit)
        gate.signal()
        _ = try martlet.folder.write("", to: "go")
        try Script.finish(client)
    }

    @Test("An upload that nobody takes stops no other stream")
    func manyUploads() throws {
        let martlet = try start()
        try Script.run("flow", "many_uploads", martlet)
        gate.signal()
    }
}

import TestSupport
import Testing

/// Whose bytes go first (RFC 9218): scenarios of `Scripts/priority.py`.
@Suite struct PriorityTests {
    private func start() throws -> MartletInstance {
        let origin = try Origin { connection in
            let block = [UInt8](repeating: 97, count: 1 << 16)
            while let head = connection.readHead() {
                guard head.contains("/bulk") else {
                    let priority =
                        head.contains("/urgent")
                        ? "Priority: u=0\r\n" : head.contains("/late") ? "Priority: u=7\r\n" : ""
                    let count = head.contains("/fill") ? 65_535 : 60_000
                    connection.send(
                        "HTTP/1.1 200 OK\r\n\(priority)Content-Length: \(count)\r\n\r\n"
                            + String(repeating: "s", count: count))
                    continue
                }
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(32 << 20)\r\n\r\n")
                for _ in 0..<512 where !connection.send(block) { return }
            }
        }
        return try MartletInstance(
            sites: MartletInstance.site(origin.address), more: "workers: 1", keeping: origin)
    }

    @Test("What is urgent overtakes a download that waits for its client")
    func bulk() throws {
        try Script.run("priority", "bulk", start())
    }

    @Test(
        "What waits leaves in the order of the fields and frames that speak of it",
        arguments: [
            "field", "answer", "update", "update_before", "update_of_nothing", "one_by_one",
            "together",
        ])
    func order(scenario: String) throws {
        let martlet = try start()
        let client = try Script.start("priority", scenario, martlet, martlet.folder.path("go"))
        try client.output.wait(for: "waiting", atMost: 60)
        try martlet.waitUntilIdle()
        _ = try martlet.folder.write("", to: "go")
        try Script.finish(client)
    }
}

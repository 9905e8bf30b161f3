import TestSupport
import Testing

/// Whose bytes go first (RFC 9218): scenarios of `Scripts/priority.py`.
@Suite struct PriorityTests {
    @Test(
        "What is urgent overtakes a bulk download that waits for its client",
        arguments: ["urgent", "answer_overrides", "update", "update_before", "incremental"])
    func scenario(name: String) throws {
        let origin = try Origin { connection in
            let block = [UInt8](repeating: 97, count: 1 << 16)
            while let head = connection.readHead() {
                guard head.contains("/small") else {
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(32 << 20)\r\n\r\n")
                    for _ in 0..<512 where !connection.send(block) { return }
                    continue
                }
                let urgency =
                    head.contains("/urgent")
                    ? "Priority: u=0\r\n" : head.contains("/late") ? "Priority: u=7\r\n" : ""
                connection.send(
                    "HTTP/1.1 200 OK\r\n\(urgency)Content-Length: 20000\r\n\r\n"
                        + String(repeating: "s", count: 20_000))
            }
        }
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address), more: "workers: 1")
        try Script.run("priority", name, martlet)
    }
}

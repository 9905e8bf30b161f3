import Foundation
import Platform
import TestSupport
import Testing

/// What HTTP means, told over HTTP/2: scenarios of `Scripts/semantics.py`.
@Suite struct HTTP2SemanticsTests {
    private func start(_ origin: Origin, more: String = "") throws -> MartletInstance {
        func site(_ host: String, _ pair: String) -> String {
            """
              - hosts: ["\(host)"]
                certificates: [{ chain: "\(pair).pem", key: "\(pair).key" }]
                backend: "http://\(origin.address)"
                hsts: { max_age: 5m }
                security_headers: true

            """
        }
        return try MartletInstance(
            sites: site("localhost", "cert") + site("other.test", "other"),
            more: "workers: 1\nlimits: { request_body: 1MiB }\naccess_log: { path: access.log }\n"
                + more, keeping: origin
        ) { folder, authority in
            try TestAuthority.write(
                authority.completed(try authority.issue("other.test")), as: "other", in: folder)
        }
    }

    @Test(
        "Python's h2 gets what HTTP demands",
        arguments: [
            "head", "no_content", "redirect", "connection_fields", "trailers_down", "trailers_up",
            "without_length", "with_length", "wrong_length", "to_be_continued", "early_hints",
            "cookies", "hosts", "other_site", "site_fields", "early_answer", "cut_off",
            "until_close",
        ])
    func scenario(name: String) throws {
        try Script.run("semantics", name, start(try Answers.origin()))
    }

    @Test(
        "A client that cancels a stream ends the backend's work on it",
        arguments: ["cancel", "cancel_waiting", "upload_cancelled"])
    func cancelled(scenario: String) throws {
        let ended = DispatchSemaphore(value: 0)
        let origin = try Origin { connection in
            while let head = connection.readHead() {
                guard !head.contains("/length") else {
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
                    continue
                }
                if head.contains("/endless") {
                    connection.send("HTTP/1.1 200 OK\r\n\r\n")
                    while connection.send(String(repeating: "x", count: 10_000)) {}
                } else {
                    _ = connection.readToEnd()
                }
                break
            }
            ended.signal()
        }
        let martlet = try start(origin)
        try Script.run("semantics", scenario, martlet)
        #expect(ended.wait(timeout: .now() + 60) == .success)
    }

    @Test("The access log and the metrics name the protocol")
    func accounts() throws {
        let martlet = try start(try Answers.origin())
        try Script.run("semantics", "trailers_up", martlet)
        _ = try martlet.stop()
        let log = try String(contentsOfFile: martlet.folder.path("access.log"), encoding: .utf8)
        #expect(log.contains("HTTP/2"), "\(log)")
    }
}

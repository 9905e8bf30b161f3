import Foundation
import TestSupport
import Testing

/// Backends that fail or are full, and what clients notice of it.
@Suite struct FailureTests {
    private func start(_ cluster: Cluster, _ keys: String, log: Bool = false) throws
        -> MartletInstance
    {
        let servers = cluster.addresses.map { "\"\($0)\"" }.joined(separator: ", ")
        return try MartletInstance(
            sites: MartletInstance.site(named: "api"),
            more: """
                workers: 1
                \(log ? "access_log: { path: stdout }" : "")
                backends:
                  api: { servers: [\(servers)], \(keys) }
                """)
    }

    @Test(
        "A form of 60 kB comes whole to another server, over either version of HTTP",
        arguments: ["--http1.1", "--http2"])
    func replay(version: String) throws {
        let cluster = try Cluster(servers: 3, .reset(after: 30_000), .status(503))
        let martlet = try start(cluster, "retries: { attempts: 2, on: [reset, 503] }")
        let body = String(repeating: "0123456789", count: 6_000)
        try martlet.folder.write(body, to: "body")
        let result = try martlet.curl(
            version, "-X", "PUT", "--data-binary", "@\(martlet.folder.path("body"))", "-w",
            " %{http_code}", "%/form")
        #expect(result.output == "server \(cluster.attempts[2].server), attempt 2 200")
        #expect(Set(cluster.attempts.map(\.server)).count == 3)
        #expect(cluster.attempts.last?.body == body)
        let server = cluster.addresses[cluster.attempts[0].server]
        let series = "martlet_upstream_retries_total{backend=\"api\",server=\"\(server)\""
        #expect(try martlet.metric("\(series),cause=\"reset\"}") == 1)
    }

    @Test(
        "Whatever a server does with it, a POST reaches one server once",
        arguments: ["--http1.1", "--http2"])
    func postOnce(version: String) throws {
        let fates: [Cluster.Fate] = [
            .reset(after: nil), .reset(after: 2), .close, .cut, .status(503), .continued(502),
        ]
        let cluster = try Cluster(servers: 3, fates)
        let martlet = try start(
            cluster, "retries: { attempts: 5, on: [connect, reset, first_byte_timeout, 502, 503] }")
        for number in fates.indices {
            let result = try martlet.curl(
                version, "-d", "order=\(number)", "-o", "/dev/null", "-w", "%{http_code}",
                "%/order")
            #expect(result.output == (number == 4 ? "503" : "502"), "\(result.errors)")
        }
        #expect(cluster.attempts.count == fates.count)
        #expect(cluster.attempts.map(\.body).filter { $0 == "order=0" }.count == 1)
    }

    @Test("A backend has timeouts of its own")
    func timeouts() throws {
        let cluster = try Cluster(servers: 1, .silence)
        let martlet = try start(
            cluster, "timeouts: { first_byte: 50ms }, retries: off", log: true)
        let reply = try martlet.request("/slow")
        #expect(reply.status == 504)
        try martlet.process.output.wait(for: "upstream_first_byte_timeout")
    }

    @Test("What is beyond a backend's limits is 503, an event, a metric and a reason")
    func limits() throws {
        let cluster = try Cluster(servers: 1, .silence)
        let martlet = try start(cluster, "limits: { requests: 1 }", log: true)
        let first = try martlet.connect()
        try first.send("GET /1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try martlet.wait(
            metric: "martlet_upstream_requests_total{backend=\"api\",server=\""
                + "\(cluster.addresses[0])\"}"
        ) { $0 == 1 }
        #expect(try martlet.request("/2").status == 503)
        let line = try martlet.process.output.wait(for: "upstream_requests_limit")
        #expect(line.contains("/2"))
        let event = try martlet.process.errors.wait(for: " upstream.limited ")
        #expect(event.contains("backend=api limit=requests"))
        let series = "martlet_upstream_limits_total{backend=\"api\",limit=\"requests\"}"
        #expect(try martlet.metric(series) == 1)
    }

    @Test("Who waits in the queue for too long gets 503, and who goes away frees a place")
    func queue() throws {
        let cluster = try Cluster(servers: 1, .silence)
        let martlet = try start(
            cluster, "limits: { requests: 1, queue: 1, queue_timeout: 300ms }", log: true)
        let first = try martlet.connect()
        try first.send("GET /1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try martlet.wait(
            metric: "martlet_upstream_requests_total{backend=\"api\",server=\""
                + "\(cluster.addresses[0])\"}"
        ) { $0 == 1 }
        #expect(try martlet.request("/2").status == 503)
        try martlet.process.output.wait(for: "upstream_queue_timeout")
        #expect(try martlet.metric("martlet_upstream_queue{backend=\"api\"}") == 0)
        // The server is free again as soon as its client is gone.
        first.reset()
        try cluster.waitForEndedSilences(1)
        #expect(try martlet.request("/3").status == 200)
        #expect(cluster.attempts.map { $0.head.split(separator: " ")[1] } == ["/1", "/3"])
    }

    @Test("curl that is stopped stops the server's work", arguments: ["--http1.1", "--http2"])
    func cancelled(version: String) throws {
        let cluster = try Cluster(servers: 1, .silence)
        let martlet = try start(cluster, "retries: off")
        let result = try martlet.curl(version, "--max-time", "1", "%/slow")
        #expect(result.code == 28)
        try cluster.waitForEndedSilences(1)
    }
}

import Foundation
import Platform
import TestSupport
import Testing

/// One line per request, written beside the workers.
@Suite struct AccessLogTests {
    private func start(
        _ format: String, path: String = "access.log",
        _ script: @escaping @Sendable (OriginConnection) throws -> Void = { $0.echo() }
    ) throws -> (MartletInstance, Origin) {
        let origin = try Origin(script)
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address),
            more: "access_log: { path: \"\(path)\", format: \(format) }")
        return (martlet, origin)
    }

    /// The lines of a log, once there are so many.
    private func lines(_ count: Int, in name: String, of martlet: MartletInstance) throws
        -> [String]
    {
        let deadline = MonotonicTime.now() + .seconds(10)
        while true {
            let text = (try? martlet.folder.read(name)) ?? ""
            let lines = text.split(separator: "\n").map(String.init)
            if lines.count >= count, text.hasSuffix("\n") { return lines }
            guard MonotonicTime.now() < deadline else {
                throw TestFailure("\(lines.count) lines of \(count) in \(name)")
            }
            _ = Poll.wait([], timeout: .milliseconds(10))
        }
    }

    @Test("A JSON line carries every fact of the request")
    func json() throws {
        let (martlet, origin) = try start("json")
        _ = try martlet.request(
            "/a?q=%22\"", method: "POST",
            fields: "Content-Length: 3\r\nUser-Agent: test\\1 \u{e9}\r\n", body: "abc")
        let line = try lines(1, in: "access.log", of: martlet)[0]
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        let fields = try #require(object)
        #expect(fields["site"] as? String == "localhost")
        #expect(fields["client"] as? String == "127.0.0.1")
        #expect(fields["method"] as? String == "POST")
        #expect(fields["status"] as? Int == 200)
        #expect(fields["bytes_in"] as? Int == 3)
        #expect(fields["tls_version"] as? String == "TLSv1.3")
        #expect(fields["server"] as? String == "\(origin.address)")
        #expect((fields["duration_ms"] as? Double ?? -1) >= 0)
        #expect((fields["user_agent"] as? String)?.hasPrefix("test\\1 ") == true)
        #expect(fields["fault"] == nil)
    }

    @Test("Each line of a failure says who failed, and how")
    func faults() throws {
        let (martlet, origin) = try start("json") { connection in
            let head = connection.readHead() ?? ""
            if head.contains("/rubbish") { connection.send("rubbish\r\n\r\n") }
        }
        #expect(try martlet.request("/rubbish").status == 502)
        let bad = try martlet.connect()
        try bad.send("GET / HTTP/1.1\r\nHost: localhost\r\nBad Name: 1\r\n\r\n")
        #expect(try bad.reply().status == 400)
        let all = try lines(2, in: "access.log", of: martlet)
        #expect(all[0].contains("\"fault\":\"upstream\""), "\(all[0])")
        #expect(all[1].contains("\"fault\":\"client\""), "\(all[1])")
        #expect(origin.connectionCount >= 1)
    }

    @Test("The combined format is what log analysers expect")
    func combined() throws {
        let (martlet, origin) = try start("combined")
        _ = try martlet.request("/x", fields: "Referer: http://r/\r\nUser-Agent: a \"b\"\r\n")
        let line = try lines(1, in: "access.log", of: martlet)[0]
        let start = #/127\.0\.0\.1 - - \[[^\]]+ \+0000\] "GET /x HTTP/1\.1" 200 \d+ /#
        #expect(line.prefixMatch(of: start) != nil, "\(line)")
        #expect(line.hasSuffix(#" "http://r/" "a \x22b\x22""#), "\(line)")
        #expect(origin.heads.count == 1)
    }

    @Test("After SIGUSR1 the lines go to a new file under the old name, and none is lost")
    func rotation() throws {
        let (martlet, origin) = try start("json")
        _ = try martlet.request("/1")
        _ = try lines(1, in: "access.log", of: martlet)
        try FileManager.default.moveItem(
            atPath: martlet.folder.path("access.log"), toPath: martlet.folder.path("access.log.1"))
        _ = try martlet.request("/2")
        _ = try lines(2, in: "access.log.1", of: martlet)
        martlet.process.signal(SIGUSR1)
        try martlet.process.errors.wait(for: "log.reopened")
        _ = try martlet.request("/3")
        #expect(try lines(1, in: "access.log", of: martlet)[0].contains("/3"))
        #expect(try lines(2, in: "access.log.1", of: martlet).count == 2)
        #expect(origin.heads.count == 3)
    }

    @Test("A log that cannot be opened anew is told, and goes on in the old file")
    func failedRotation() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address),
            more: "access_log: { path: \"logs/access.log\" }"
        ) { folder, _ in
            try Files.createDirectories(folder.path("logs"), mode: 0o700)
        }
        try Files.move(martlet.folder.path("logs"), to: martlet.folder.path("old"))
        martlet.process.signal(SIGUSR1)
        let line = try martlet.process.errors.wait(for: "cannot reopen a log")
        #expect(line.contains("logs/access.log: No such file or directory"), "\(line)")
        #expect(!martlet.process.errors.text.contains("log.reopened"))
        _ = try martlet.request("/on")
        #expect(try lines(1, in: "old/access.log", of: martlet)[0].contains("/on"))
    }

    /// An access log that could not be opened kept the event log in its old file, too.
    @Test("A log that cannot be opened anew does not keep the other one")
    func failedRotationOfOne() throws {
        let folder = try TemporaryFolder()
        try TestAuthority.write(try TestAuthority().issue("localhost"), as: "cert", in: folder)
        try Files.createDirectories(folder.path("logs"), mode: 0o700)
        let origin = try Origin { $0.echo() }
        try folder.write(
            MartletInstance.text(
                sites: MartletInstance.site(origin.address),
                more: "access_log: { path: logs/access.log }\nevent_log: { path: events.log }"),
            to: "martlet.yaml")
        let process = try RunningProcess(
            MartletInstance.binary, ["run", "--config", folder.path("martlet.yaml")])
        func wait(for text: String) throws {
            try Patience.until(text) { (try? folder.read("events.log"))?.contains(text) == true }
        }
        try wait(for: "server.ready")
        try Files.move(folder.path("events.log"), to: folder.path("events.log.1"))
        try Files.move(folder.path("logs"), to: folder.path("old"))
        process.signal(SIGUSR1)
        try wait(for: "cannot reopen a log")
        process.signal(SIGTERM)
        #expect(try process.wait(atMost: 60) == 0)
    }

    @Test("Standard output takes the lines too, and the last ones before the end")
    func standardOutput() throws {
        let (martlet, origin) = try start("combined", path: "stdout")
        for number in 0..<20 { _ = try martlet.request("/\(number)") }
        #expect(try martlet.stop() == 0)
        #expect(martlet.process.output.all.count == 20)
        #expect(origin.heads.count == 20)
    }
}

import Foundation
import Platform
import TestSupport
import Testing

/// The end of an instance.
@Suite struct DrainTests {
    /// An origin that answers when it is told to.
    private func gated() throws -> (Origin, DispatchSemaphore) {
        let gate = DispatchSemaphore(value: 0)
        let origin = try Origin { connection in
            _ = connection.readHead()
            gate.wait()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate")
        }
        return (origin, gate)
    }

    @Test("SIGTERM lets requests end, refuses new connections, and exits with 0")
    func drains() throws {
        let (origin, gate) = try gated()
        let martlet = try MartletInstance(sites: MartletInstance.site(origin.address))
        let idle = try martlet.connect()
        let busy = try martlet.connect()
        try busy.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while origin.heads.isEmpty { _ = Poll.wait([], timeout: .milliseconds(5)) }
        martlet.process.signal(SIGTERM)
        #expect(try idle.receiveAll().isEmpty)
        #expect(idle.isCleanlyClosed)
        #expect(try martlet.ask("/readyz").status == 503)
        #expect(throws: (any Error).self) { try martlet.connect() }
        gate.signal()
        let reply = try busy.reply()
        #expect(reply.body == "late")
        #expect(reply.field("connection") == "close")
        #expect(try busy.receiveAll().isEmpty)
        #expect(busy.isCleanlyClosed)
        try busy.finish()
        #expect(try martlet.process.wait() == 0)
        #expect(martlet.process.errors.text.contains("server.stopped aborted=0"))
    }

    @Test("What has not ended by the deadline is cut off, and counted")
    func deadline() throws {
        let (origin, gate) = try gated()
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address), more: "timeouts: { drain: 300ms }")
        let busy = try martlet.connect()
        try busy.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while origin.heads.isEmpty { _ = Poll.wait([], timeout: .milliseconds(5)) }
        martlet.process.signal(SIGTERM)
        #expect(try martlet.process.wait() == 0)
        #expect(try busy.receiveAll().isEmpty)
        #expect(!busy.isCleanlyClosed)
        #expect(martlet.process.errors.text.contains("server.stopped aborted=1"))
        gate.signal()
    }

    @Test("A second SIGTERM, or SIGINT, ends at once", arguments: [SIGTERM, SIGINT])
    func atOnce(signal: Int32) throws {
        let (origin, gate) = try gated()
        let martlet = try MartletInstance(sites: MartletInstance.site(origin.address))
        let busy = try martlet.connect()
        try busy.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while origin.heads.isEmpty { _ = Poll.wait([], timeout: .milliseconds(5)) }
        martlet.process.signal(SIGTERM)
        try martlet.process.errors.wait(for: "server.draining")
        martlet.process.signal(signal)
        #expect(try martlet.process.wait(atMost: 10) == 0)
        gate.signal()
    }

    @Test("Neither a reload nor a new certificate opens a listener while it drains")
    func changesWhileDraining() throws {
        let (origin, gate) = try gated()
        let martlet = try MartletInstance(sites: MartletInstance.site(origin.address))
        let busy = try martlet.connect()
        try busy.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while origin.heads.isEmpty { _ = Poll.wait([], timeout: .milliseconds(5)) }
        martlet.process.signal(SIGTERM)
        try martlet.process.errors.wait(for: "server.draining")
        let fresh = try martlet.authority.issue("late.test", "localhost")
        try TestAuthority.write(fresh, as: "cert", in: martlet.folder)
        // The file was noticed before this request, and looked at before its answer.
        _ = Poll.wait([], timeout: .milliseconds(300))
        let reply = try martlet.ask("/reload", method: "POST")
        #expect(reply.status == 422)
        #expect(reply.body.contains("stopping"))
        gate.signal()
        #expect(try busy.reply().body == "late")
        try busy.finish()
        #expect(try martlet.process.wait() == 0)
        let events = martlet.process.errors.text
        #expect(!events.contains("certificate.replaced"), "\(events)")
        #expect(events.components(separatedBy: "listener.opened").count == 2, "\(events)")
    }

    /// Nobody looks at names in a drain: one that was due woke the control thread all the time.
    @Test("A drain costs nothing, though a name is due to be looked up")
    func idleDrain() throws {
        let names = try NameServer()
        defer { names.stop() }
        let (origin, gate) = try gated()
        names.set("api.example", ttl: 1, addresses: "127.0.0.1")
        let martlet = try MartletInstance(
            sites: """
                  - hosts: ["localhost"]
                    certificates: [{ chain: "cert.pem", key: "cert.key" }]
                    backend: "http://api.example:\(origin.address.port ?? 0)"
                """, more: "dns: { servers: \"\(names.address)\" }\n")
        let busy = try martlet.connect()
        try busy.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while origin.heads.isEmpty { _ = Poll.wait([], timeout: .milliseconds(5)) }
        martlet.process.signal(SIGTERM)
        try martlet.process.errors.wait(for: "server.draining")
        let before = try martlet.process.cpuSeconds()
        // A second until the name is due, and two more that were spent on it.
        _ = Poll.wait([], timeout: .seconds(3))
        let spent = try martlet.process.cpuSeconds() - before
        #expect(spent < 0.5)
        gate.signal()
        #expect(try busy.reply().body == "late")
        try busy.finish()
        #expect(try martlet.process.wait() == 0)
    }

    /// It was read, and nothing said that nothing came of it.
    @Test("SIGUSR2 changes nothing, and the log says what to do instead")
    func handover() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(sites: MartletInstance.site(origin.address))
        martlet.process.signal(SIGUSR2)
        let line = try martlet.process.errors.wait(for: "server.signal_ignored signal=SIGUSR2")
        #expect(line.contains(" warning ") && line.contains("service manager"), "\(line)")
        #expect(try martlet.request("/on").status == 200)
        #expect(try martlet.stop() == 0)
    }

    @Test("A socket file is removed at the end")
    func socketFile() throws {
        let origin = try Origin { $0.echo() }
        let folder = try TemporaryFolder()
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address),
            listeners: "  - address: \"unix:\(folder.path("a.sock"))\"\n")
        #expect(Files.exists(folder.path("a.sock")))
        #expect(try martlet.stop() == 0)
        #expect(!Files.exists(folder.path("a.sock")))
    }

    @Test("SIGINT alone ends at once with 0")
    func interrupt() throws {
        let (origin, gate) = try gated()
        let martlet = try MartletInstance(sites: MartletInstance.site(origin.address))
        martlet.process.signal(SIGINT)
        #expect(try martlet.process.wait(atMost: 10) == 0)
        gate.signal()
    }
}

import Foundation
import Platform
import TLS
import TestSupport
import Testing

/// Configurations that change while requests are served.
@Suite struct ReloadTests {
    @Test("200 keep-alive clients see no failure during 50 reloads")
    func clientsDuringReloads() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address), more: "workers: 2")
        let crowd = try Crowd(martlet, clients: 200)
        for _ in 0..<50 { try martlet.reload() }
        let outcome = crowd.stop()
        #expect(outcome.failures.isEmpty, "\(outcome.failures.prefix(3))")
        #expect(outcome.requests >= 400)
        #expect(try martlet.metric("martlet_config_generation") == 51)
        #expect(try martlet.metric("martlet_config_reloads_total{result=\"success\"}") == 50)
    }

    @Test(
        "A bad configuration changes nothing, and says why in the log, in metrics and to who asked")
    func rejected() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(sites: MartletInstance.site(origin.address))
        let good = try martlet.folder.read("martlet.yaml")
        try martlet.folder.write(good + "limitz: 3\nworkers: -1\n", to: "martlet.yaml")
        let line = try martlet.reload(expecting: "config.rejected")
        #expect(line.contains("martlet.yaml:"))
        #expect(try martlet.request("/").status == 200)
        #expect(try martlet.metric("martlet_config_reloads_total{result=\"failure\"}") == 1)
        let command = try RunningProcess.run(
            MartletInstance.binary, ["reload", "--admin", "\(try martlet.admin)"])
        #expect(command.code == 1)
        #expect(command.errors.contains("unknown key 'limitz'"), "\(command.errors)")
        #expect(command.errors.contains("did you mean 'limits'?"))
        try martlet.folder.write(good, to: "martlet.yaml")
        let again = try RunningProcess.run(
            MartletInstance.binary, ["reload", "--admin", "\(try martlet.admin)"])
        #expect(again.code == 0, "\(again.errors)")
        #expect(try martlet.metric("martlet_config_generation") == 2)
    }

    @Test("Listeners come and go; one that cannot be opened changes nothing")
    func listeners() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(sites: MartletInstance.site(origin.address))
        let kept = try martlet.connect()
        let two = "  - address: [\"127.0.0.1:0\", \"127.0.0.2:0\"]\n"
        let sites = MartletInstance.site(origin.address)
        try martlet.folder.write(
            MartletInstance.text(sites: sites, listeners: two), to: "martlet.yaml")
        try martlet.reload()
        #expect(martlet.listeners.count == 2)
        let second = try Peer(
            martlet.listeners[1], tls: .init(trusted: martlet.authority.pair.certificate),
            serverName: "localhost")
        try second.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try second.reply().status == 200)
        let taken = "  - address: [\"127.0.0.1:0\", \"127.0.0.3:0\", \"\(origin.address)\"]\n"
        try martlet.folder.write(
            MartletInstance.text(sites: sites, listeners: taken), to: "martlet.yaml")
        let line = try martlet.reload(expecting: "config.rejected")
        #expect(line.contains("\(origin.address)"))
        #expect(martlet.listeners.count == 2)
        try martlet.folder.write(MartletInstance.text(sites: sites), to: "martlet.yaml")
        try martlet.reload()
        try martlet.process.errors.wait(for: "listener.closed address=127.0.0.2")
        #expect(throws: (any Error).self) { try Peer(martlet.listeners[1]) }
        for peer in [kept, second] {
            try peer.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try peer.reply().status == 200)
        }
    }

    @Test("What a reload cannot follow is said, and the rest is followed")
    func fixedSettings() throws {
        let origin = try Origin { $0.echo() }
        let sites = MartletInstance.site(origin.address)
        let martlet = try MartletInstance(sites: sites, more: "workers: 2")
        try martlet.folder.write(
            MartletInstance.text(
                sites: sites, listeners: "  - address: \"127.0.0.2:0\"\n",
                more: "workers: 1\nevent_log: { path: e.log, level: error }"), to: "martlet.yaml")
        let reply = try martlet.ask("/reload", method: "POST")
        #expect(reply.status == 200)
        #expect(reply.body.contains("warning: 'workers' stays 2, not 1"), "\(reply.body)")
        #expect(reply.body.contains("'event_log: path'"), "\(reply.body)")
        #expect(reply.body.contains("'event_log: level' stays info"), "\(reply.body)")
        try martlet.process.errors.wait(for: "listener.opened address=127.0.0.2")
        try martlet.process.errors.wait(for: " config.warning ", count: 3)
    }

    @Test("The admin endpoint moves away and back, and off and on, while it is asked")
    func adminMoves() throws {
        let origin = try Origin { $0.echo() }
        let sites = MartletInstance.site(origin.address)
        let martlet = try MartletInstance(sites: sites)
        let home = try martlet.admin
        let pinned = MartletInstance.text(sites: sites).replacing(
            "admin: { address: \"127.0.0.1:0\" }", with: "admin: { address: \"\(home)\" }")
        // From port 0 to the same port by name: it is open already.
        let silent = try Peer(home)
        for other in ["off", "{ address: \"127.0.0.2:0\" }", "off"] {
            let text = pinned.replacing("{ address: \"\(home)\" }", with: other)
            try martlet.folder.write(text, to: "martlet.yaml")
            try martlet.reload()
            try martlet.folder.write(pinned, to: "martlet.yaml")
            try martlet.reload()
            let peer = try Peer(home)
            try peer.send("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try peer.reply().status == 200)
        }
        #expect(try silent.receiveAll().isEmpty)
        #expect(try martlet.stop() == 0)
    }

    @Test("An exchange ends under the configuration that it began with")
    func exchangeKeepsSnapshot() throws {
        let origin = try Origin { connection in
            _ = connection.readHead()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha")
            _ = connection.read(1)
            connection.send("lf")
        }
        let other = try Origin { $0.echo() }
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address), more: "event_log: { level: debug }")
        let peer = try martlet.connect()
        try peer.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n")
        #expect(try peer.until("ha").hasSuffix("ha"))
        try martlet.folder.write(
            MartletInstance.text(
                sites: MartletInstance.site(other.address), more: "event_log: { level: debug }"),
            to: "martlet.yaml")
        try martlet.reload()
        try peer.send("x")
        #expect(try peer.exactly(2) == "lf")
        try martlet.process.errors.wait(for: "snapshot.released generation=1")
        try peer.send("GET /new HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try peer.reply().body.contains("/new"))
        #expect(other.heads.count == 1)
    }

    @Test("1,000 reloads do not grow the process")
    func memory() throws {
        let origin = try Origin { $0.echo() }
        // The client says nothing for as long as the reloads take on a machine with much to do.
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address),
            more: "timeouts: { request_head: 10m }")
        let client = try martlet.connect()
        func reload(_ count: Int) throws {
            for _ in 0..<count {
                let reply = try martlet.ask("/reload", method: "POST")
                guard reply.status == 200 else { throw TestFailure(reply.body) }
            }
        }
        try reload(200)
        let before = try martlet.process.memory().now
        try reload(800)
        let after = try martlet.process.memory().now
        let limit = before + 4_000_000 + RunningProcess.sanitizerMemory
        #expect(after < limit, "\(before) → \(after)")
        try client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try client.reply().status == 200)
        #expect(try martlet.metric("martlet_config_generation") >= 1_001)
    }
}

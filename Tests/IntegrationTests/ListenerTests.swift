import Foundation
import Platform
import TestSupport
import Testing

/// Kinds of listeners and of addresses.
@Suite struct ListenerTests {
    @Test("A plain listener serves, another redirects to the TLS port")
    func plainAndRedirect() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address),
            listeners: """
                  - address: "127.0.0.1:0"
                    tls: false
                  - address: "127.0.0.2:0"
                    tls: false
                    redirect_to_https: true
                  - address: "127.0.0.3:0"

                """)
        let listeners = martlet.listeners
        let plain = try Peer(listeners[0])
        try plain.send("GET /p HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let reply = try plain.reply()
        #expect(reply.status == 200)
        #expect(reply.body.lowercased().contains("x-forwarded-proto: http\r\n"))
        let redirect = try Peer(listeners[1])
        try redirect.send("GET /p?q=1 HTTP/1.1\r\nHost: localhost:80\r\n\r\n")
        let moved = try redirect.reply()
        #expect(moved.status == 308)
        #expect(moved.field("location") == "https://localhost:\(listeners[2].port ?? 0)/p?q=1")
    }

    @Test("IPv6 and Unix sockets are listened on, and Unix sockets forwarded to")
    func addresses() throws {
        let folder = try TemporaryFolder()
        let origin = try Origin(at: .unix(folder.path("origin.sock"))) { $0.echo() }
        let martlet = try MartletInstance(
            sites: """
                  - hosts: ["localhost"]
                    certificates: [{ chain: "cert.pem", key: "cert.key" }]
                    backend: "http://unix:\(folder.path("origin.sock"))"
                """,
            listeners: """
                  - address: ["[::1]:0", "unix:\(folder.path("martlet.sock"))"]
                    tls: false

                """)
        for address in martlet.listeners {
            let peer = try Peer(address)
            try peer.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try peer.reply().status == 200, "\(address)")
        }
        #expect(origin.heads.count == 2)
        #expect(try martlet.stop() == 0)
    }

    @Test("Each worker is a thread with a name, on a processor of its own if asked")
    func workers() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address), more: "workers: 2\npin_workers: true")
        let tasks = "/proc/\(martlet.process.id)/task"
        var pinned: [String: String] = [:]
        for task in try FileManager.default.contentsOfDirectory(atPath: tasks) {
            let name = try String(contentsOfFile: "\(tasks)/\(task)/comm", encoding: .utf8)
            let status = try String(contentsOfFile: "\(tasks)/\(task)/status", encoding: .utf8)
            let line =
                status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") } ?? ""
            pinned[name.trimmingCharacters(in: .whitespacesAndNewlines)] = String(
                line.dropFirst(19))
        }
        let workers = pinned.filter { $0.key.hasPrefix("worker-") }
        #expect(workers.count == 2, "\(pinned)")
        #expect(workers.values.allSatisfy { !$0.contains("-") && !$0.contains(",") }, "\(pinned)")
    }

    @Test("The limit of descriptors is raised, and the connection limit follows from it")
    func descriptorLimit() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address),
            wrapper: ["sh", "-c", "ulimit -Sn 256; exec \"$@\"", "sh"])
        let limit = try martlet.metric("process_max_fds")
        #expect(limit > 256)
        let connections = try martlet.metric("martlet_connections_limit")
        #expect(connections > limit / 4)
        #expect(connections < limit / 2)
    }
}

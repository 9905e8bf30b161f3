import Foundation
import Platform
import TestSupport
import Testing

/// Clients that stay with their server, and servers that are drained.
@Suite struct AffinityTests {
    private let backends: LetteredBackends
    private let martlet: MartletInstance

    init() throws {
        backends = try LetteredBackends()
        martlet = try backends.start("affinity: { cookie: server, max_age: 1h }")
    }

    /// Asks once with a jar of cookies; returns the letter and the cookie that was set.
    private func ask(_ version: String, jar: String?) throws -> (letter: String, cookie: String?) {
        let path = martlet.folder.path(jar ?? "none")
        let result = try martlet.curl(
            version, "-D", martlet.folder.path("fields"), "-b", path, "-c", path, "%/")
        #expect(result.code == 0, "\(result.errors)")
        let fields = try String(
            contentsOf: URL(fileURLWithPath: martlet.folder.path("fields")), encoding: .utf8)
        let line = fields.split(separator: "\r\n").first {
            $0.lowercased().hasPrefix("set-cookie: ")
        }
        return (result.output, line.map { String($0.dropFirst("set-cookie: ".count)) })
    }

    @Test("A client keeps its server by a cookie", arguments: ["--http1.1", "--http2"])
    func stays(version: String) throws {
        var letters: Set<String> = []
        for client in 0..<3 {
            let first = try ask(version, jar: "jar\(client)")
            let cookie = try #require(first.cookie)
            #expect(
                cookie.wholeMatch(
                    of: /server=[0-9a-f]{16}; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax; Secure/
                )
                    != nil, "\(cookie)")
            for _ in 0..<4 {
                let next = try ask(version, jar: "jar\(client)")
                #expect(next.letter == first.letter)
                #expect(next.cookie == nil)
            }
            letters.insert(first.letter)
        }
        #expect(letters.count == 3)
    }

    @Test("Drained, a server keeps its clients and gets no others, over reloads, until it is ready")
    func drain() throws {
        let first = try ask("--http2", jar: "jar")
        let index = try #require(["a", "b", "c"].firstIndex(of: first.letter))
        let server = backends.address(index)
        let drained = try martlet.command("drain", server)
        #expect(drained.status == 200)
        #expect(drained.body == "server '\(server)' of backend 'api' takes no new clients\n")
        try martlet.process.errors.wait(for: " upstream.server_drained backend=api ")
        try martlet.wait(
            metric: "martlet_upstream_connections_idle{backend=\"api\",server=\"\(server)\"}"
        ) { $0 == 0 }
        for _ in 0..<2 {
            #expect(!(try martlet.letters(6)).contains(first.letter))
            let held = try ask("--http1.1", jar: "jar")
            #expect(held.letter == first.letter)
            #expect(held.cookie == nil)
            try martlet.reload()
        }
        let status = try martlet.ask("/servers").body
        #expect(status.contains("\"drained\""))
        #expect(try martlet.command("drain", server).body.hasSuffix("already\n"))
        #expect(try martlet.command("ready", server).status == 200)
        #expect(try martlet.letters(6).contains(first.letter))
        #expect(!(try martlet.ask("/servers").body.contains("drained")))
    }

    @Test("Where its server is gone, a client gets another and its cookie")
    func replaced() throws {
        let closed = "127.0.0.1:\(try SocketAddress.vacantPort())"
        let text = try String(
            contentsOf: URL(fileURLWithPath: martlet.folder.path("martlet.yaml")), encoding: .utf8)
        let first = try ask("--http1.1", jar: "jar")
        let index = try #require(["a", "b", "c"].firstIndex(of: first.letter))
        try martlet.folder.write(
            text.replacingOccurrences(of: backends.address(index), with: closed), to: "martlet.yaml"
        )
        try martlet.reload()
        let next = try ask("--http1.1", jar: "jar")
        #expect(next.letter != first.letter && next.cookie != nil)
        let last = try ask("--http1.1", jar: "jar")
        #expect(last.letter == next.letter && last.cookie == nil)
    }

    @Test("Where all servers are drained, there is nobody to answer")
    func allDrained() throws {
        for index in 0..<3 { _ = try martlet.command("drain", backends.address(index)) }
        #expect(try martlet.request("/").status == 503)
        _ = try martlet.command("ready", backends.address(1))
        #expect(try martlet.request("/").body == "b")
    }

    @Test("The commands drain a server and make it ready, and say what is wrong")
    func commands() throws {
        let admin = "\(try martlet.admin)"
        let server = backends.address(0)
        func run(_ arguments: String...) throws -> (code: Int32, output: String, errors: String) {
            try RunningProcess.run(
                MartletInstance.binary, ["servers"] + arguments + ["--admin", admin])
        }
        let drain = try run("drain", "api", server)
        #expect(drain.code == 0, "\(drain.errors)")
        #expect(drain.output == "server '\(server)' of backend 'api' takes no new clients")
        let list = try run()
        #expect(list.code == 0)
        #expect(list.output.contains("\"drained\""))
        #expect(try run("list").output.contains("\"weight\""))
        #expect(try run("ready", "api", server).code == 0)
        let unknown = try run("drain", "api", "127.0.0.1:1")
        #expect(unknown.code == 1)
        #expect(unknown.errors.contains("backend 'api' has no server '127.0.0.1:1', but \(server)"))
        #expect(try run("drain", "web", server).errors == "there is no backend 'web'")
        #expect(try run("drain", "api").code == 2)
    }
}

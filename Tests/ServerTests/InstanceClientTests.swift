import Platform
import TestSupport
import Testing

@testable import Server

struct InstanceClientTests {
    /// A server that answers everything with one status.
    private func serve(_ status: Int) throws -> ControlServer {
        try ControlServer(address: Samples.anyPort) { .text(status, "\($0.method) \($0.path)") }
    }

    private func client(_ server: ControlServer) throws -> InstanceClient {
        try InstanceClient(admin: "\(server.address)", config: nil)
    }

    /// The exit code that an attempt ends with; 0 if it succeeds.
    private func code(_ attempt: () throws(StartError) -> Void) -> Int32 {
        do throws(StartError) {
            try attempt()
            return 0
        } catch {
            return error.exitCode
        }
    }

    @Test("A page is asked for by GET, a reload by POST")
    func asks() throws {
        let server = try serve(200)
        #expect(try client(server).page("/status") == "GET /status")
        let reload = try client(server).reload()
        #expect(reload.succeeded && reload.text == "POST /reload")
    }

    @Test("A server is named by what a query can carry")
    func servers() throws {
        let server = try ControlServer(address: Samples.anyPort) {
            .text(200, "\($0.method) \($0.path)?\($0.query ?? "")")
        }
        let drain = try client(server).setServer("[::1]:1", of: "a&b", draining: true)
        #expect(drain.succeeded)
        #expect(drain.text == "POST /servers/drain?backend=a%26b&server=%5B::1%5D:1")
        let refusing = try serve(422)
        let ready = try client(refusing).setServer("a:1", of: "x", draining: false)
        #expect(!ready.succeeded && ready.text == "POST /servers/ready")
    }

    @Test("A reload that was rejected is an answer")
    func rejected() throws {
        let server = try serve(422)
        let reload = try client(server).reload()
        #expect(!reload.succeeded && reload.text == "POST /reload")
    }

    @Test("What is not the admin endpoint is not shown, but named", arguments: [404, 403, 503])
    func stranger(status: Int) throws {
        let server = try serve(status)
        let client = try client(server)
        do throws(StartError) {
            _ = try client.page("/status")
            Issue.record("it was shown")
        } catch {
            #expect(error.exitCode == 3)
            #expect(error.description.contains("\(server.address)"))
            #expect(error.description.contains("\(status)"))
        }
    }

    @Test("A wrong address is wrong usage", arguments: ["foo", "localhost:9180", "", "1.2.3.4"])
    func wrongAddress(text: String) {
        #expect(
            code { () throws(StartError) in _ = try InstanceClient(admin: text, config: nil) } == 2)
    }

    @Test("The configuration names the address, unless it is bad or turns the endpoint off")
    func configuration() throws {
        let folder = try TemporaryFolder()
        let server = try serve(200)
        func file(_ admin: String) throws -> String {
            try folder.write(
                "admin: \(admin)\nlisteners: [{ address: \"127.0.0.1:0\", tls: false }]\n"
                    + "sites: [{ hosts: a.example, backend: \"http://127.0.0.1:9\" }]\n",
                to: "a.yaml")
        }
        let good = try file("{ address: \"\(server.address)\" }")
        #expect(try InstanceClient(admin: "unused", config: good).page("/x") == "GET /x")
        for admin in ["off", "{ adress: 1 }"] {
            let path = try file(admin)
            let exit = code { () throws(StartError) in
                _ = try InstanceClient(admin: "unused", config: path)
            }
            #expect(exit == 1)
        }
    }
}

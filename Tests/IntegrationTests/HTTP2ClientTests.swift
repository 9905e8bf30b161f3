import Foundation
import TestSupport
import Testing

/// Clients of HTTP/2 that others have written.
@Suite struct HTTP2ClientTests {
    private func start(_ more: String = "") throws -> MartletInstance {
        let origin = try Answers.origin()
        return try MartletInstance(
            sites: MartletInstance.site(origin.address), more: more, keeping: origin)
    }

    @Test("nghttp sees our SETTINGS, one response for each request, and no push")
    func nghttp() throws {
        let martlet = try start("http2: { concurrent_streams: 77 }")
        let result = try RunningProcess.run(
            "nghttp",
            ["-vn", "--no-dep", "-m", "20", "https://localhost:\(martlet.port)/length"])
        #expect(result.code == 0, "\(result.errors)")
        let frames = result.output
        for line in [
            "[SETTINGS_MAX_CONCURRENT_STREAMS(0x03):77]",
            "[SETTINGS_INITIAL_WINDOW_SIZE(0x04):262144]",
            "[SETTINGS_MAX_HEADER_LIST_SIZE(0x06):65536]",
            "[SETTINGS_ENABLE_CONNECT_PROTOCOL(0x08):1]",
            "[SETTINGS_NO_RFC7540_PRIORITIES(0x09):1]",
        ] { #expect(frames.contains(line), "\(line) \(frames)") }
        #expect(!frames.contains("PUSH_PROMISE"))
        #expect(frames.components(separatedBy: ":status: 200").count == 21)
        #expect(!frames.contains("RST_STREAM"))
    }

    @Test("httpx gets everything over HTTP/2")
    func httpx() throws {
        let martlet = try start()
        let result = try RunningProcess.run(
            "/usr/bin/python3",
            [
                "-B", "\(Script.folder)/httpx_client.py", "\(martlet.port)",
                martlet.folder.path("ca.pem"),
            ])
        #expect(result.output == "done", "\(result.errors)")
    }

    @Test("Node gets everything over HTTP/2")
    func node() throws {
        let martlet = try start()
        let result = try RunningProcess.run(
            "node",
            [
                "\(Script.folder)/node_client.mjs", "\(martlet.port)",
                martlet.folder.path("ca.pem"),
            ])
        #expect(result.code == 0, "\(result.errors)")
        #expect(
            result.output
                == #"{"connect":true,"streams":128,"complete":100,"posted":true,"#
                + #""trailers":"42","hints":[103],"head":[200,"5",""]}"#, "\(result.errors)")
    }

    @Test("h2load's streams are all answered, over connections that end by their limit")
    func h2load() throws {
        let martlet = try start("limits: { requests_per_connection: 10000 }")
        let result = try RunningProcess.run(
            "h2load",
            ["-n", "5000", "-c", "5", "-m", "100", "https://localhost:\(martlet.port)/length"])
        #expect(result.output.contains("5000 succeeded, 0 failed"), "\(result.output)")
    }

    @Test("What a client's certificate says reaches the backend over HTTP/2")
    func clientCertificate() throws {
        let origin = try Origin { $0.echo() }
        let clients = try ClientAuthority()
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address)
                + "\n    tls: { client_certificates: { mode: required, ca: clients.pem } }\n"
        ) { folder, _ in
            try folder.write(
                String(decoding: clients.certificate, as: UTF8.self), to: "clients.pem")
            try TestAuthority.write(clients.issue("/CN=alice"), as: "client", in: folder)
        }
        let result = try martlet.curl(
            "--http2", "--cert", martlet.folder.path("client.pem"), "--key",
            martlet.folder.path("client.key"), "-H", "Client-Cert: :forged:", "%/")
        #expect(result.output.contains("\r\nClient-Cert: :MII"), "\(result)")
        #expect(result.output.contains("CN=alice"))
        #expect(!result.output.contains("forged"))
    }
}

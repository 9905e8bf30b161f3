import Foundation
import Platform
import TestSupport
import Testing

/// HTTP/2 in early data, recorded and sent by `openssl s_client`.
@Suite struct HTTP2EarlyDataTests {
    private let folder: TemporaryFolder
    private let origin: Origin

    init() throws {
        folder = try TemporaryFolder()
        origin = try Origin { connection in
            while connection.readHead() != nil {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine")
            }
        }
    }

    /// Runs s_client, which sends a file behind the handshake, or in front of its end.
    private func client(_ address: SocketAddress, _ more: String) throws -> RunningProcess {
        try RunningProcess(
            "sh",
            [
                "-c",
                "exec openssl s_client -connect \(address) -servername localhost -tls1_3 -alpn h2"
                    + " -ign_eof \(more)",
            ], folder: folder.path)
    }

    private func write(_ path: String, _ method: String, to file: String) throws {
        let result = try RunningProcess.run(
            "/usr/bin/python3",
            ["-B", "\(Script.folder)/frames.py", path, method, folder.path(file)])
        guard result.code == 0 else { throw TestFailure(result.errors) }
    }

    @Test(
        "A request in early data is served behind the handshake, and is an ordinary one",
        arguments: ["GET", "POST"])
    func behind(method: String) throws {
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address),
            more: "workers: 1\ntls: { early_data: on }\ntimeouts: { keep_alive: 1s }")
        try write("/first", "GET", to: "first")
        try write("/early", method, to: "early")
        let first = try client(martlet.address, "-sess_out session < first")
        _ = try first.wait(atMost: 60)
        #expect(first.output.text.contains("fine"), "\(first.output.text)")
        let relay = try Relay(to: martlet.address)
        let early = try client(
            relay.address, "-sess_in session -early_data early < /dev/null")
        _ = try relay.firstFlight()
        for _ in 0..<3 { #expect(try martlet.request("/other").status == 200) }
        #expect(!origin.heads.contains { $0.contains("/early") })
        relay.release()
        _ = try early.wait(atMost: 60)
        let text = early.output.text + early.errors.text
        #expect(text.contains("Early data was accepted") && text.contains("fine"), "\(text)")
        let heads = origin.heads.filter { $0.hasPrefix("\(method) /early ") }
        #expect(heads.count == 1)
        #expect(!heads.contains { $0.contains("Early-Data") })
    }
}

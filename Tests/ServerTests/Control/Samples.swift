import Platform

@testable import Server

/// Values that several tests of the control plane begin with.
enum Samples {
    /// A report with one of everything; `mark` stands in every text that a configuration chooses.
    static func report(mark: String = "") -> StatusReport {
        let certificate = StatusReport.Certificate(
            subject: "CN=shop.example\(mark)", issuer: "CN=Test CA\(mark)", serial: "0a1b",
            fingerprint: "00ff", keyKind: "ECDSA P-256", notBefore: 0, notAfter: 1_795_231_751,
            daysLeft: 20, path: "/etc/shop.pem\(mark)")
        let server = StatusReport.Upstream(
            name: "one\(mark)", address: "127.0.0.1:9001\(mark)", isUp: false,
            connectionsActive: 1, connectionsIdle: 2, requests: 3, failures: 4)
        return StatusReport(
            version: "1.2.3", commit: "abc", opensslVersion: "OpenSSL 3.0", pid: 42,
            startedAt: WallTime(seconds: 0, nanoseconds: 0), uptime: .seconds(93_784),
            generation: 7,
            lastReload: .init(
                time: WallTime(seconds: 1, nanoseconds: 0), ok: false,
                diagnostics: ["m.yaml:1:2: error: no\(mark)"]),
            workers: 2, connectionsActive: 5, requestsTotal: 6,
            listeners: [.init(address: "127.0.0.1:8443", tls: true, redirect: false)],
            sites: [
                .init(
                    name: "shop.example\(mark)", hosts: ["shop.example\(mark)"],
                    certificates: [certificate])
            ],
            backends: [.init(name: "api\(mark)", servers: [server])])
    }

    /// A request as the server hands it to a handler.
    static func request(
        _ method: String, _ path: String, query: String? = nil, host: String = "127.0.0.1",
        fields: [ControlField] = [],
        body: [UInt8] = []
    ) -> ControlRequest {
        ControlRequest(
            method: method, path: path, query: query, host: host,
            requestLine: "\(method) \(path) HTTP/1.1", fields: fields, body: body,
            client: .ipv4(0x7f00_0001, port: 1))
    }

    /// The loopback address with a port that the kernel chooses.
    static let anyPort = SocketAddress.ipv4(0x7f00_0001, port: 0)
}

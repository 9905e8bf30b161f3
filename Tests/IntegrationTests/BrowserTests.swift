import Foundation
import TestSupport
import Testing

/// Chromium as a client. A page reports by a request what it has seen.
@Suite struct BrowserTests {
    /// True exactly when the browser can show a page here.
    private static let canStart: Bool = {
        guard let folder = try? TemporaryFolder(),
            let result = try? RunningProcess.run(
                "chromium", arguments(folder) + ["--dump-dom", "data:text/html,<p>yes</p>"],
                atMost: 120)
        else { return false }
        return result.output.contains("<p>yes</p>")
    }()

    private static func arguments(_ folder: TemporaryFolder) -> [String] {
        [
            "--headless", "--no-sandbox", "--ignore-certificate-errors", "--no-first-run",
            "--disable-gpu", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--no-proxy-server",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",
            "--user-data-dir=\(folder.path("profile"))",
        ]
    }

    /// A page of 100 scripts and a script that talks to a WebSocket, and tells what it has seen.
    private static func page() -> String {
        let scripts = (0..<100).map { "<script src=\"/r/\($0).js\"></script>" }.joined()
        return """
            <html><head><script>var count = 0</script>\(scripts)<script>
            async function talk() {
                const socket = new WebSocket(`wss://${location.host}/chat`, ["chat.v2"]);
                socket.binaryType = "arraybuffer";
                await new Promise((resolve, reject) => {
                    socket.onopen = resolve;
                    socket.onerror = () => reject("no socket");
                });
                socket.send("x".repeat(200000));
                const text = await new Promise(resolve => socket.onmessage = resolve);
                const closed = new Promise(resolve => socket.onclose = resolve);
                socket.close(1000);
                return `${socket.protocol},${text.data.length},${(await closed).code}`;
            }
            onload = async () => {
                const entries = performance.getEntriesByType("resource");
                const h2 = entries.filter(entry => entry.nextHopProtocol == "h2").length;
                // The page's connection serves them all: for none was there one to be made.
                const fresh = entries.filter(one => one.connectEnd > one.connectStart).length;
                const own = performance.getEntriesByType("navigation")[0].nextHopProtocol;
                const chat = await talk().catch(error => error);
                fetch(`/report/${count}/${h2}/${own}/${fresh}/${chat}`);
            };
            </script></head></html>
            """
    }

    @Test(
        "Chromium loads 100 resources over one connection, and talks to a WebSocket on it",
        .enabled(if: canStart, "chromium cannot start here"))
    func page() throws {
        let origin = try Origin { connection in
            while let head = connection.readHead() {
                let isScript = head.hasPrefix("GET /r/")
                let body = isScript ? "count++;" : BrowserTests.page()
                connection.send(
                    "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\nContent-Type: "
                        + "\(isScript ? "text/javascript" : "text/html")\r\n\r\n\(body)")
            }
        }
        let server = try RunningProcess(
            "/usr/bin/python3", ["-B", "-u", "\(Script.folder)/websocket_server.py"])
        let port = try #require(try server.output.wait(for: "port ").split(separator: " ").last)
        let martlet = try MartletInstance(
            sites: """
                  - hosts: ["localhost"]
                    certificates: [{ chain: "cert.pem", key: "cert.key" }]
                    routes:
                      - { path: /, backend: "http://\(origin.address)" }
                      - { path: /chat, backend: "http://127.0.0.1:\(port)" }

                """)
        let folder = try TemporaryFolder()
        let browser = try RunningProcess(
            "chromium",
            BrowserTests.arguments(folder) + ["https://localhost:\(martlet.port)/"])
        defer { browser.signal(SIGTERM) }
        let report = try BrowserTests.report(origin, browser)
        #expect(report.hasPrefix("GET /report/100/100/h2/0/chat.v2,200000,1000 "), "\(report)")
        try martlet.wait(metric: tunnels) { $0 == 1 }
        browser.signal(SIGTERM)
        _ = try browser.wait(atMost: 60)
    }

    private let tunnels =
        #"martlet_http_requests_total{site="localhost",protocol="HTTP/2","#
        + #"method="CONNECT",code="200"}"#

    private static func report(_ origin: Origin, _ browser: RunningProcess) throws -> String {
        let deadline = Date().addingTimeInterval(120)
        while true {
            if let head = origin.heads.first(where: { $0.hasPrefix("GET /report/") }) {
                return head
            }
            guard Date() < deadline else {
                throw TestFailure("no report: \(origin.heads)\n\(browser.errors.text)")
            }
            _ = try? browser.errors.wait(for: "nothing", atMost: 0.05)
        }
    }
}

import Testing

@testable import Config

struct ServerListTests {
    @Test("A line is an address, a weight and whether it is a backup; comments are not read")
    func servers() {
        let text = """
            # the first
            10.0.0.1:80
              api.example:8080\tweight=3 backup # slow
            [::1]:9 backup weight=0

            unix:app.sock
            """
        let (servers, diagnostics) = ServerList.parse(text, file: "/etc/servers.txt")
        #expect(diagnostics.isEmpty, "\(diagnostics)")
        #expect(
            servers.map(\.text) == [
                "10.0.0.1:80", "api.example:8080", "[::1]:9", "unix:app.sock",
            ])
        #expect(servers.map(\.weight) == [1, 3, 0, 1])
        #expect(servers.map(\.isBackup) == [false, true, true, false])
        #expect(servers[3].address == .unix("/etc/app.sock"))
        #expect(servers[1].mark == SourceMark(line: 3, column: 3))
    }

    @Test(
        "What is wrong is said with its place, and then no line counts",
        arguments: [
            ("", "s:1:1: error: the file lists no server"),
            ("# 10.0.0.1:80", "s:1:1: error: the file lists no server"),
            (
                "10.0.0.1:80\n10.0.0.1",
                "s:2:1: error: '10.0.0.1' has no port; write '10.0.0.1:PORT'"
            ),
            (
                "a:1 fast",
                "s:1:5: error: expected 'weight=N' with N from 0 to 256, or 'backup', found 'fast'"
            ),
            (
                "a:1 weight=257",
                "s:1:5: error: expected 'weight=N' with N from 0 to 256, or 'backup', "
                    + "found 'weight=257'"
            ),
            ("a:1\n\n  a:1", "s:3:3: error: the server 'a:1' is already listed at line 1"),
            (
                "a:1 weight=0",
                "s:1:1: error: no server has a weight above 0: nobody would be served"
            ),
            ("a:0", "s:1:1: error: 'a:0': there is no port 0"),
        ])
    func mistakes(text: String, expected: String) {
        let (servers, diagnostics) = ServerList.parse(text, file: "s")
        #expect(servers.isEmpty)
        #expect(diagnostics.map { "\($0)" } == [expected])
    }

    @Test("A thousand servers are taken, one more is not", arguments: [999, 1000, 1001])
    func bound(count: Int) {
        let text = (0..<count).map { "10.0.\($0 / 250).\($0 % 250):80" }.joined(separator: "\n")
        #expect(ServerList.parse(text, file: "s").servers.count == (count > 1000 ? 0 : count))
    }

    @Test("A socket file is refused where certificates are for hosts, and nothing else is")
    func hosts() {
        let (servers, diagnostics) = ServerList.parse(
            "a:1\n unix:/s", file: "s", needsHosts: true)
        #expect(servers.isEmpty)
        #expect(
            diagnostics.map { "\($0)" } == [
                "s:2:2: error: the server 'unix:/s' has no host name that its certificate could be"
                    + " for; say it by 'server_name' in 'tls'"
            ])
        #expect(ServerList.parse("a:1\n1.1.1.1:2", file: "s", needsHosts: true).servers.count == 2)
    }
}

import Testing

@testable import Platform

struct HostsFileTests {
    private let file = HostsFile(
        text: """
            # comment
            127.0.0.1\tlocalhost api.Example # not.this
            ::1 localhost
            10.0.0.1 api.example
            10.0.0.1 twice twice
            nonsense api.example
            10.0.0.2
            """)

    @Test(
        "A name has the addresses of all its lines, whatever its case",
        arguments: [
            ("localhost", ["127.0.0.1:0", "[::1]:0"]),
            ("API.example", ["127.0.0.1:0", "10.0.0.1:0"]), ("twice", ["10.0.0.1:0"]),
            ("not.this", []), ("10.0.0.2", []), ("", []),
        ])
    func addresses(host: String, expected: [String]) {
        #expect(file.addresses(of: host).map(\.description) == expected)
    }

    @Test("A file that is not there knows no name")
    func missing() {
        #expect(HostsFile(path: "/does/not/exist").addresses(of: "localhost") == [])
    }
}

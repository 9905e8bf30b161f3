import Config
import Testing

struct ScaleTests {
    private static func sites(_ count: Int, backend: (Int) -> String) -> String {
        var text = "listeners: [{ address: \"0.0.0.0:443\" }]\nsites:\n"
        for index in 0..<count {
            text += """
                  - hosts: ["s\(index).example", "*.s\(index).example"]
                    certificates: [{ chain: "s\(index).pem", key: "s\(index).key" }]
                    routes:
                      - { path: /, backend: \(backend(index)) }

                """
        }
        text += "backends:\n"
        for index in 0..<count { text += "  b\(index): { servers: [\"10.0.0.1:80\"] }\n" }
        return text
    }

    private static func time(_ text: String) -> Duration {
        ContinuousClock().measure { _ = load(text) }
    }

    @Test("Ten thousand sites load in a few seconds")
    func tenThousand() throws {
        let text = ScaleTests.sites(10_000) { "b\($0)" }
        var result: LoadResult?
        let duration = ContinuousClock().measure { result = load(text) }
        #expect(result?.diagnostics == [])
        #expect(try #require(result?.config).sites.count == 10_000)
        #expect(duration < .seconds(20), "took \(duration)")
    }

    @Test("Four times the sites, right or wrong, take about four times as long")
    func linear() {
        for backend in [{ "b\($0)" }, { "c\($0)" }] as [(Int) -> String] {
            let few = (0..<3).map { _ in ScaleTests.time(ScaleTests.sites(500, backend: backend)) }
            let many = ScaleTests.time(ScaleTests.sites(2000, backend: backend))
            // Quadratic would be 16; the room above 4 is for what else the machine does.
            #expect(many < (few.max() ?? .zero) * 12)
        }
    }

    @Test("A text beyond the limit is refused unread")
    func limit() {
        let comment = "# " + String(repeating: "x", count: ConfigLoader.maximumBytes)
        #expect(
            load(comment).diagnostics.map(\.description) == [
                "m.yaml:1:1: error: the file has more than 16 MiB"
            ])
    }
}

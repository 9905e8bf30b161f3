import Config
import Testing

struct Mistake: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String
    let diagnostics: [String]

    init(_ name: String, _ text: String, _ diagnostics: String...) {
        self.name = name
        self.text = text
        self.diagnostics = diagnostics
    }

    var testDescription: String { name }
}

struct DiagnosticTests {
    @Test(
        "Each mistake is reported where it stands",
        arguments: Mistake.syntax + Mistake.keys + Mistake.values + Mistake.references
            + Mistake.addresses + Mistake.hosts + Mistake.hsts + Mistake.variables + Mistake.tls
            + Mistake.limits + Mistake.connection)
    func mistakes(_ mistake: Mistake) {
        let result = load(mistake.text)
        #expect(result.diagnostics.map(\.description) == mistake.diagnostics)
        #expect(result.config == nil)
    }

    @Test("All mistakes of a file are reported at once, in the order of the file")
    func severalAtOnce() {
        let result = load(
            """
            listners: []
            workers: many
            sites:
              - hosts: [a.example, b_.example:80]
                routes:
                  - { path: api, backend: apii }
                  - { path: /, upsteam: api }
              - hosts: [a.example]
                backend: api
            backends:
              api: { servers: [127.0.0.1] }
            timeouts: { drain: 30 }
            """)
        #expect(
            result.diagnostics.map(\.description) == [
                "m.yaml:1:1: error: unknown key 'listners'; did you mean 'listeners'?",
                "m.yaml:1:1: error: missing key 'listeners'",
                "m.yaml:2:10: error: expected a whole number from 1 to 1024 or auto"
                    + " for 'workers', found 'many'",
                "m.yaml:4:24: error: 'b_.example:80' is not a host name; leave out scheme and port",
                "m.yaml:6:17: error: 'api' does not begin with '/'",
                "m.yaml:6:31: error: there is no backend 'apii'; did you mean 'api'?",
                "m.yaml:7:9: error: missing key 'backend' in 'sites[0].routes[1]'",
                "m.yaml:7:20: error: unknown key 'upsteam' in 'sites[0].routes[1]'",
                "m.yaml:8:13: error: another site already claims the host 'a.example' at line 4",
                "m.yaml:11:20: error: '127.0.0.1' has no port; write '127.0.0.1:PORT'",
                "m.yaml:12:20: error: expected a duration such as 250ms, 5s, 1m, 12h or 7d"
                    + " for 'timeouts.drain', found '30'",
            ])
        #expect(result.config == nil)
    }
}

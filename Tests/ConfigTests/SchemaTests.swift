import Foundation
import TestSupport
import Testing

@testable import Config

/// Runs scripts in Python, which has the reference implementation of JSON Schema.
enum Python {
    /// True exactly when the packages `jsonschema` and `yaml` are there.
    static let canValidate = (try? run("import jsonschema, yaml"))?.status == 0

    /// Runs a script and returns its exit status and what it printed.
    static func run(_ script: String, _ arguments: String...) throws -> (
        status: Int32, output: String
    ) {
        let result = try RunningProcess.run("python3", ["-c", script] + arguments)
        return (result.code, result.output)
    }
}

@Suite(.enabled(if: Python.canValidate, "needs python3 with jsonschema and yaml"))
struct SchemaTests {
    private static let script = """
        import json, sys, yaml, jsonschema
        schema = json.load(open(sys.argv[1]))
        kind = jsonschema.Draft202012Validator
        kind.check_schema(schema)
        text = open(sys.argv[2]).read() if len(sys.argv) == 3 else sys.argv[3]
        for error in kind(schema).iter_errors(yaml.safe_load(text)):
            print(error.json_path, error.message)
        """

    private static func errors(_ arguments: String...) throws -> String {
        let schema = Repository.root.appending(path: "conf/martlet.schema.json").path
        let result: (status: Int32, output: String)
        switch arguments.count {
        case 1: result = try Python.run(script, schema, arguments[0])
        default: result = try Python.run(script, schema, "", arguments[1])
        }
        try #require(result.status == 0)
        return result.output
    }

    @Test(
        "The files of the repository follow the schema",
        arguments: ["conf/minimal.yaml", "conf/reference.yaml"])
    func files(_ path: String) throws {
        #expect(try SchemaTests.errors(Repository.root.appending(path: path).path) == "")
    }

    @Test(
        "What the loader takes, the schema takes",
        arguments: [
            "workers: ${N}", "access_log: { path: a.log, format: combined }", "admin: off",
            "limits: { buffer: 8192, connections: 5, request_body: unlimited }",
            "backends: { a: { servers: [\"h:1\"] } }", "timeouts: { drain: 7d }",
            "limits: { connection_rate: { per_second: 5 }, handshake_rate: off, memory: 1GiB }",
            "backends: { a: { discovery: { srv: _a._tcp.b }, resolve: off } }",
            "backends: { a: { discovery: { file: s.txt }, resolve: 30s } }",
            "dns: { servers: [\"127.0.0.1:53\"] }",
            "backends: { a: { servers: \"h:1\", retries: { budget: off } } }",
            "limits: { minimum_rate: off, memory: off, key_updates: 1, tiny_records: 1 }",
            "backends: { a: { servers: [{ address: \"h:1\", weight: 0, backup: true }, \"h:2\"],"
                + " balance: power_of_two, slow_start: off, affinity: off } }",
            "backends: { a: { servers: { address: \"h:1\" }, slow_start: 30s, balance:"
                + " { hash: cookie, name: s }, affinity: { cookie: a, max_age: 1d, key: x } } }",
        ])
    func taken(_ part: String) throws {
        #expect(try SchemaTests.errors("text", minimal(adding: part)) == "")
    }

    @Test(
        "What the loader refuses for its form, the schema refuses",
        arguments: [
            "limits: { connection_rate: 5 }", "limits: { handshake_rate: { burst: 5 } }",
            "backends: { a: { discovery: { srv: a, file: b } } }", "dns: { server: a }",
            "backends: { a: { servers: \"h:1\", discovery: { srv: a } } }",
            "limits: { memory: much }", "banana: 1", "workers: 0", "timeouts: { drain: 30 }",
            "timeouts: { drian: 30s }",
            "limits: { buffer: 64KB }", "tls: { policy: old }", "pin_workers: 'true'",
            "backends: { a: { servers: [{ weight: 1 }] } }",
            "backends: { a: { servers: \"h:1\", balance: random } }",
            "backends: { a: { servers: \"h:1\", balance: { name: x } } }",
            "backends: { a: { servers: \"h:1\", affinity: { max_age: 1d } } }",
            "backends: { a: { servers: \"h:1\", slow_start: 30 } }",
            "admin: { address: \"localhost:1\" }", "backends: { a: { server: [\"h:1\"] } }",
        ])
    func refused(_ part: String) throws {
        #expect(load(minimal(adding: part)).config == nil)
        #expect(try SchemaTests.errors("text", minimal(adding: part)) != "")
    }

    @Test("The schema lists the keys of the decoder")
    func keys() throws {
        let text = try Repository.text(of: "conf/martlet.schema.json")
        let names = ConfigDraft.shape.paths.compactMap { $0.split(separator: ".").last }
        for name in Set(names) { #expect(text.contains("\"\(name)\": {"), "\(name)") }
    }
}

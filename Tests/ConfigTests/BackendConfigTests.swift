import Testing

@testable import Config

struct BackendConfigTests {
    private static func text(_ backend: String) -> String {
        """
        listeners: [{ address: "0.0.0.0:80", tls: false }]
        sites: [{ hosts: [a.example], backend: api }]
        backends:
          api:
            servers: ["127.0.0.1:9001"]
            \(backend)
        """
    }

    private func backend(_ text: String) throws -> BackendConfig {
        let result = load(BackendConfigTests.text(text))
        #expect(result.diagnostics == [])
        return try #require(result.config?.backends.first)
    }

    @Test("Without keys a backend has the defaults")
    func defaults() throws {
        let backend = try backend("")
        #expect(backend.timeouts == BackendTimeoutConfig())
        #expect(backend.retries == RetryConfig())
        #expect(backend.limits == BackendLimitConfig())
    }

    @Test("Timeouts are those that are given")
    func timeouts() throws {
        let backend = try backend("timeouts: { connect: 1s, between_bytes: 250ms }")
        #expect(
            backend.timeouts
                == BackendTimeoutConfig(connect: .seconds(1), betweenBytes: .milliseconds(250)))
    }

    @Test("Retries have causes, among them statuses with and without quotes, or are off")
    func retries() throws {
        let backend = try backend(
            "retries: { attempts: 3, on: [connect, 503, \"502\", first_byte_timeout],"
                + " budget: off, body: 1KiB, wait: 1m }")
        #expect(
            backend.retries
                == RetryConfig(
                    attempts: 3, causes: [.connect, .unavailable, .badGateway, .firstByteTimeout],
                    budget: nil, body: 1_024, wait: .seconds(60)))
        #expect(try self.backend("retries: off").retries == nil)
        #expect(try self.backend("retries: {}").retries == RetryConfig())
    }

    @Test("Limits are numbers or unlimited")
    func limits() throws {
        let backend = try backend(
            "limits: { connections: 10, requests: 20, pending: unlimited, queue: 5,"
                + " queue_timeout: 2s }")
        #expect(
            backend.limits
                == BackendLimitConfig(
                    connections: 10, requests: 20, pending: nil, queue: 5,
                    queueTimeout: .seconds(2)))
    }

    @Test(
        "What is wrong or does nothing is said",
        arguments: [
            (
                "retries: { on: [425] }",
                "m.yaml:6:21: error: expected connect, reset, first_byte_timeout, 404, 408, 429,"
                    + " 500, 502, 503 or 504 for 'backends.api.retries.on[0]', found '425';"
                    + " did you mean '429'?"
            ),
            (
                "retries: { budget: 101 }",
                "m.yaml:6:24: error: expected a whole number from 0 to 100 or off"
                    + " for 'backends.api.retries.budget', found '101'"
            ),
            (
                "retries: { wait: 60001ms }",
                "m.yaml:6:22: error: expected a duration from 0ms to 1m"
                    + " for 'backends.api.retries.wait', found '60001ms'"
            ),
            (
                "retries: { on: [reset], wait: 1s }",
                "m.yaml:6:14: warning: 'wait' does nothing without 'connect' in 'on'"
            ),
            (
                "limits: { requests: 0 }",
                "m.yaml:6:25: error: expected a whole number from 1 to 10000000 or unlimited"
                    + " for 'backends.api.limits.requests', found '0'"
            ),
            (
                "limits: { queue: 5 }",
                "m.yaml:6:13: warning: nothing ever waits in 'queue': it needs 'connections' or"
                    + " 'requests'"
            ),
            (
                "limits: { requests: 5, queue_timeout: 1s }",
                "m.yaml:6:13: warning: 'queue_timeout' does nothing without 'queue'"
            ),
        ])
    func mistakes(text: String, expected: String) {
        let result = load(BackendConfigTests.text(text))
        #expect(result.diagnostics.map { "\($0)" } == [expected])
    }
}

import Config
import HTTP
import Testing

@testable import Proxy

@Suite("RuntimeSettings")
struct RuntimeSettingsTests {
    private func settings(head: Int, trailers: Int, buffer: Int) -> RuntimeSettings {
        var settings = RuntimeSettings(
            timeouts: TimeoutConfig(),
            requestLimits: MessageLimits(headBytes: head, trailerBytes: trailers),
            responseLimits: MessageLimits(), forwarding: ForwardingRules(ForwardingConfig()))
        settings.bufferBytes = buffer
        return settings
    }

    /// What is not consumed before its end has come must fit, or it would wait for itself.
    @Test(
        "The input has room for a whole head and a whole trailer section",
        arguments: [
            (100, 10, 1_000, 1_000), (1_000, 10, 100, 1_001), (100, 998, 1_000, 1_000),
            (100, 999, 1_000, 1_001), (100, 100, 100, 102),
        ])
    func inputBytes(head: Int, trailers: Int, buffer: Int, room: Int) {
        #expect(settings(head: head, trailers: trailers, buffer: buffer).inputBytes == room)
    }
}

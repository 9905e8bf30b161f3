import Bytes
import Testing

@testable import HTTP

struct HTTP2SessionStateTests {
    /// What a message counts is what RFC 9113 §6.5.2 says: name, value, and 32.
    @Test(
        "A message is held to what the peer takes, once that has said so",
        arguments: [999, 1_000, 1_001])
    func headerList(size: Int) throws {
        var settings = HTTP2Settings()
        settings.headerListBytes = 1_000
        let client = try HTTP2Probe(.client)
        let server = try HTTP2Probe(.server, settings: settings)
        var message = HTTP2Message()
        message.add(":path", "/")
        let value = [UInt8](repeating: 120, count: size - 71)
        message.add(name: "a".utf8.span, value: value.span)
        let counted = message.listBytes
        #expect(counted == size)
        let before = client.session.takes(message)
        #expect(before)
        exchange(client, server)
        let after = client.session.takes(message)
        #expect(after == (size <= 1_000))
    }
}

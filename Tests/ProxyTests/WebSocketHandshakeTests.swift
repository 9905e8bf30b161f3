import Testing

@testable import Proxy

struct WebSocketHandshakeTests {
    @Test("The answer to a key is that of RFC 6455 §1.3")
    func standard() {
        let handshake = WebSocketHandshake(key: Array("dGhlIHNhbXBsZSBub25jZQ==".utf8))
        #expect(handshake.accept == Array("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=".utf8))
    }

    @Test("Keys are sixteen bytes in Base64, and no two are alike")
    func keys() {
        let keys = (0..<100).map { _ in WebSocketHandshake().key }
        #expect(Set(keys).count == 100)
        #expect(keys.allSatisfy { $0.count == 24 && $0.suffix(2) == Array("==".utf8) })
    }
}

internal import Bytes
internal import HTTP
internal import TLS

/// The part of WebSocket's handshake that a client of HTTP/2 has none of, so that it is between us
/// and the server (RFC 8441 §5).
struct WebSocketHandshake: Sendable {
    /// A nonce of sixteen bytes in Base64 (RFC 6455 §4.1).
    let key: [UInt8]

    init() {
        var random = SystemRandomNumberGenerator()
        self.init(
            key: Base64.encode((0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }))
    }

    init(key: [UInt8]) { self.key = key }

    /// What a server answers that has understood the handshake (RFC 6455 §4.2.2).
    var accept: [UInt8] { Base64.encode(Digest.sha1(key + WebSocketHandshake.suffix)) }

    private static let suffix = Array("258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8)
}

extension RequestHead {
    /// True exactly when an extended CONNECT asks for WebSocket (RFC 8441 §5).
    var isWebSocketTunnel: Bool {
        hasTunnelProtocol && tunnelProtocol.equalsIgnoringCase("websocket")
    }
}

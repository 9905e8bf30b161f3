extension TimeoutConfig {
    private static let range: ClosedRange<Duration> = .milliseconds(1) ... .seconds(7 * 86_400)

    /// The keys of `timeouts`.
    static let shape = Shape(
        TimeoutConfig(),
        keys: [
            Key("handshake", \.handshake, .duration(range)),
            Key("request_head", \.requestHead, .duration(range)),
            Key("request_body", \.requestBody, .duration(range)),
            Key("keep_alive", \.keepAlive, .duration(range)),
            Key("response_write", \.responseWrite, .duration(range)),
            Key("lingering", \.lingering, .duration(range)),
            Key("upstream_connect", \.upstreamConnect, .duration(range)),
            Key("upstream_first_byte", \.upstreamFirstByte, .duration(range)),
            Key("upstream_between_bytes", \.upstreamBetweenBytes, .duration(range)),
            Key("upstream_idle", \.upstreamIdle, .duration(range)),
            Key("tunnel_idle", \.tunnelIdle, .duration(range)),
            Key("tcp_idle", \.tcpIdle, .duration(range)),
            Key("drain", \.drain, .duration(range)),
        ])
}

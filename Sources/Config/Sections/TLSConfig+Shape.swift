extension TLSConfig {
    /// RFC 8446 §4.6.1 allows a week at most.
    private static let ticketRange: ClosedRange<Duration> = .seconds(1) ... .seconds(7 * 86_400)

    /// The keys of `tls`.
    static let shape = Shape(
        TLSConfig(),
        keys: [
            Key("policy", \.policy, .choice),
            Key("unknown_host", \.unknownHost, .choice),
            Key("ticket_rotation", \.ticketRotation, .duration(ticketRange)),
            Key("ticket_lifetime", \.ticketLifetime, .duration(ticketRange)),
            Key("ticket_keys", \.ticketKeys, .fileOrOff),
            Key("early_data", \.earlyData, .onOrOff),
        ])
}

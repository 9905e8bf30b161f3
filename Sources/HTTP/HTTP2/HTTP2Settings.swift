/// What a session announces to its peer (RFC 9113 §6.5.2) and holds it to.
public struct HTTP2Settings: Sendable, Equatable {
    /// How many streams the peer may have open at once; more are refused.
    public var concurrentStreams = 128
    /// How many bytes of a stream's payload the peer may send ahead.
    public var streamWindow = 262_144
    /// How many bytes of payload the peer may send ahead on all streams together.
    public var connectionWindow = 1_048_576
    /// How large a field section may be: for each field its name, its value, and 32.
    public var headerListBytes = 65_536
    /// How large the table may grow from which the peer's fields are decoded (RFC 7541 §4.2).
    public var headerTableBytes = 4096
    /// How large the table may grow by which our fields are encoded, whatever the peer offers.
    public var encoderTableBytes = 4096
    /// How large a frame's payload may be.
    public var frameBytes = 16_384
    /// True exactly when clients may ask for tunnels of other protocols (RFC 8441 §3).
    public var allowsExtendedConnect = true
    /// How many bytes the field sections of all open streams may take; beyond, new streams are
    /// refused: a few bytes of HPACK become kilobytes of fields, on each stream.
    public var heldHeadBytes = 1_048_576

    /// Takes the defaults.
    public init() {}
}

/// What backends are told about clients.
public struct ForwardingConfig: Sendable, Equatable {
    /// Whether `X-Forwarded-For`, `-Proto` and `-Host` are sent.
    public var xForwarded: Bool

    /// Whether `Forwarded` is sent (RFC 7239 §4).
    public var forwarded: Bool

    /// The clients whose own forwarding fields are kept and extended.
    public var trusted: [AddressBlock]

    /// Whether `Via` is sent (RFC 9110 §7.6.3).
    public var via: Bool

    /// Makes the value; what is left out has its default.
    public init(
        xForwarded: Bool = true,
        forwarded: Bool = false,
        trusted: [AddressBlock] = [],
        via: Bool = false
    ) {
        self.xForwarded = xForwarded
        self.forwarded = forwarded
        self.trusted = trusted
        self.via = via
    }
}

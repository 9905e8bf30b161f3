/// How often an HTTP/2 client may do what costs work and brings nothing.
public struct HTTP2BudgetConfig: Sendable, Equatable {
    /// Streams that end early: reset by the client, or for its errors.
    public var resets = RateConfig(burst: 200, perSecond: 20)

    /// SETTINGS, each of which is acknowledged.
    public var settings = RateConfig(burst: 20, perSecond: 2)

    /// PING, each of which is answered.
    public var pings = RateConfig(burst: 50, perSecond: 10)

    /// PRIORITY and PRIORITY_UPDATE.
    public var priorities = RateConfig(burst: 500, perSecond: 50)

    /// DATA without payload that ends nothing.
    public var emptyData = RateConfig(burst: 100, perSecond: 10)

    /// WINDOW_UPDATE beyond one for each DATA sent.
    public var windowUpdates = RateConfig(burst: 1000, perSecond: 1000)

    /// Frames of types that nobody knows.
    public var unknownFrames = RateConfig(burst: 100, perSecond: 10)

    /// Frames on streams that are over.
    public var lateFrames = RateConfig(burst: 2000, perSecond: 200)

    /// CONTINUATION frames of one field section.
    public var continuations = 8

    /// Takes the defaults.
    public init() {}
}

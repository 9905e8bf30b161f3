/// How often an HTTP/2 client may do what costs work and brings nothing.
public struct HTTP2BudgetConfig: Sendable, Equatable {
    /// Streams that end early: reset by the client, or for its errors.
    public var resets = RateConfig(perSecond: 20, burst: 200)

    /// SETTINGS, each of which is acknowledged.
    public var settings = RateConfig(perSecond: 2, burst: 20)

    /// PING, each of which is answered.
    public var pings = RateConfig(perSecond: 10, burst: 50)

    /// PRIORITY and PRIORITY_UPDATE.
    public var priorities = RateConfig(perSecond: 50, burst: 500)

    /// DATA without payload that ends nothing.
    public var emptyData = RateConfig(perSecond: 10, burst: 100)

    /// WINDOW_UPDATE beyond one for each DATA sent.
    public var windowUpdates = RateConfig(perSecond: 1000, burst: 1000)

    /// Frames of types that nobody knows.
    public var unknownFrames = RateConfig(perSecond: 10, burst: 100)

    /// Frames on streams that are over.
    public var lateFrames = RateConfig(perSecond: 200, burst: 2000)

    /// CONTINUATION frames of one field section.
    public var continuations = 8

    /// Takes the defaults.
    public init() {}
}

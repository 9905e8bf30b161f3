/// How often a peer may do what costs us work and brings nothing; beyond, the connection ends with
/// ENHANCE_YOUR_CALM (RFC 9113 §10.5).
public struct HTTP2Budgets: Sendable, Equatable {
    /// Each of the budgets.
    public enum Kind: UInt8, Sendable, CaseIterable {
        /// Streams that end early: reset by the peer, or by us for its errors or for its excess
        /// ("rapid reset", CVE-2023-44487).
        case resets
        /// SETTINGS, each of which is acknowledged (CVE-2019-9515).
        case settings
        /// PING, each of which is answered (CVE-2019-9512), beyond one for each DATA that was sent.
        case pings
        /// PRIORITY and PRIORITY_UPDATE (CVE-2019-9513).
        case priorities
        /// DATA without payload that ends nothing (CVE-2019-9518).
        case emptyData
        /// WINDOW_UPDATE, beyond a few for each DATA that was sent.
        case windowUpdates
        /// CONTINUATION in one field section (CVE-2024-28182).
        case continuations
        /// Frames of types that nobody knows.
        case unknownFrames
        /// Frames on streams that are over.
        case lateFrames
        /// Fields beyond four times the limit in one field section.
        case fields

        /// The stable name in logs and metrics.
        public var label: StaticString {
            switch self {
            case .resets: "resets"
            case .settings: "settings"
            case .pings: "pings"
            case .priorities: "priorities"
            case .emptyData: "empty_data"
            case .windowUpdates: "window_updates"
            case .continuations: "continuations"
            case .unknownFrames: "unknown_frames"
            case .lateFrames: "late_frames"
            case .fields: "fields"
            }
        }
    }

    /// See ``Kind/resets``.
    public var resets = HTTP2Budget(burst: 200, perSecond: 20)
    /// See ``Kind/settings``.
    public var settings = HTTP2Budget(burst: 20, perSecond: 2)
    /// See ``Kind/pings``.
    public var pings = HTTP2Budget(burst: 50, perSecond: 10)
    /// See ``Kind/priorities``.
    public var priorities = HTTP2Budget(burst: 500, perSecond: 50)
    /// See ``Kind/emptyData``.
    public var emptyData = HTTP2Budget(burst: 100, perSecond: 10)
    /// See ``Kind/windowUpdates``.
    public var windowUpdates = HTTP2Budget(burst: 1000, perSecond: 1000)
    /// See ``Kind/unknownFrames``.
    public var unknownFrames = HTTP2Budget(burst: 100, perSecond: 10)
    /// See ``Kind/lateFrames``: what was under way when we reset a stream comes without fault.
    public var lateFrames = HTTP2Budget(burst: 2000, perSecond: 200)
    /// How many CONTINUATION frames a field section may have.
    public var continuations = 8

    /// Takes the defaults.
    public init() {}
}

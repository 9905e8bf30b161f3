internal import Bytes
internal import CNGHTTP2

/// One HTTP/2 connection without its socket: bytes in, events out; messages in, bytes out.
///
/// The library finds frames and keeps windows and tables; this type checks what the library
/// forgives, translates field sections by the rules of HTTP/1.1, and holds the peer to budgets.
/// After each `receive` and each `write` all events are pulled, and `fault` is looked at.
///
/// Worker only; used from one thread. Owned by one connection, which keeps it alive while it is
/// called.
@safe public final class HTTP2Session {
    let role: HTTP2Role
    let settings: HTTP2Settings
    let limits: MessageLimits
    /// How large the heads may be that are sent, without what is added to them on the way.
    let sentHeadBytes: Int
    let budgets: HTTP2Budgets

    // SAFETY: owner: this session; lifetime: from `init` to `deinit`.
    var library: OpaquePointer?

    // What has come.
    var streams = HTTP2StreamTable()
    var walker: HTTP2FrameWalker
    var guardian: HTTP2FrameGuard
    var reader: HTTP2SectionReader
    var events = HTTP2EventQueue()
    // SAFETY: owner: the caller of `receive`; lifetime: that call; bound: `inputCount`.
    var input: UnsafePointer<UInt8>?
    var inputCount = 0
    var now: Int64
    /// The stream that the section being decoded belongs to.
    var assemblingStream: Int32 = 0
    /// True exactly while the last frame that has begun is SETTINGS.
    var isBehindSettings = false
    /// True exactly when RST_STREAM of ours may wait that no frame has followed yet.
    var hasResetWaiting = false
    /// True exactly while the last frame that has begun is DATA: where it overruns the stream's
    /// window, the library resets the stream and does not say so.
    var isBehindData = false
    /// Streams that PRIORITY_UPDATE spoke of before they were opened (RFC 9218 §7).
    var earlyWishes: [(stream: Int32, wish: HTTP2Priority)] = []
    /// The payload of PRIORITY_UPDATE, as far as it has come.
    var update = ByteQueue()
    /// The same as `fault`: what other modules see the runtime checks at each look.
    private var problem: HTTP2Fault?

    // What goes out.
    /// The output while `write` runs; else what the library had to say at once.
    var sink = ByteQueue()
    var sinkLimit = 0
    var source: (any HTTP2BodySource)?
    /// True exactly while bodies may be asked.
    var mayAskBodies = false
    var unacknowledged = 0
    /// Client role: how large the interim responses of the present input are.
    var interimBytes = 0
    /// True exactly when the first SETTINGS frame has been written.
    var hasAnnounced = false
    /// True exactly when we said that the connection ends.
    var isTerminating = false

    /// Begins a connection; our SETTINGS wait to be written.
    ///
    /// - Parameters:
    ///   - limits: how large what the peer sends may be.
    ///   - sentHeadBytes: how large heads may be that were read elsewhere and are sent here.
    /// - Throws: `.failure` where memory is lacking.
    public init(
        role: HTTP2Role, settings: HTTP2Settings = .init(), limits: MessageLimits = .init(),
        sentHeadBytes: Int = 0, budgets: HTTP2Budgets = .init(), milliseconds: Int64
    ) throws(HTTP2Fault) {
        self.role = role
        self.settings = settings
        self.limits = limits
        self.sentHeadBytes = sentHeadBytes
        self.budgets = budgets
        now = milliseconds
        guardian = HTTP2FrameGuard(
            role: role, frameBytes: settings.frameBytes, budgets: budgets,
            milliseconds: milliseconds)
        walker = HTTP2FrameWalker(role: role)
        reader = HTTP2SectionReader(
            limits: limits, listBytes: settings.headerListBytes,
            allowsExtendedConnect: role == .server && settings.allowsExtendedConnect)
        try open()
    }

    /// Why nothing more is read.
    public internal(set) var fault: HTTP2Fault? {
        get { problem }
        set { problem = newValue }
    }

    deinit {
        // SAFETY: owner: this session; nothing refers to the library's session after `deinit`.
        if let library = unsafe library { unsafe nghttp2_session_del(library) }
    }
}

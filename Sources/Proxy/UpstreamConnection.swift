internal import Bytes
internal import HTTP
internal import Platform
internal import TLS

/// A connection to a server: its socket, the response bytes not yet consumed, and the request bytes
/// not yet sent.
///
/// Worker only. The worker's functions act on it; it holds the state.
final class UpstreamConnection {
    /// Where an upstream connection stands.
    enum Phase: Sendable {
        /// Awaiting the outcome of `connect`.
        case connecting
        /// Serving an exchange, or several on streams.
        case busy
        /// In its pool.
        case idle
        /// The socket is to be closed and the slot freed at the end of the tick.
        case closed
    }

    /// Its place in the worker's table.
    let id: SlotID
    let socket: Socket
    let pool: UpstreamPool
    var phase = Phase.connecting
    /// Response bytes that were read and not yet consumed.
    var inbound: ByteQueue
    /// Request bytes not yet sent, nor sealed where TLS is spoken.
    var outbound: ByteQueue
    /// True exactly when TLS is spoken with the server, sooner or later.
    let speaksTLS: Bool
    /// The session; nil where TLS is not spoken, and before its handshake.
    var tls: TLSClientSession?
    /// Bytes for the socket where TLS is spoken.
    var sealed: ByteQueue
    /// True exactly when `sealed` holds a part of what `outbound` held, beside what TLS says by
    /// itself.
    var hasSealedPayload = false
    /// True exactly when the server is read no more until it has taken what TLS answered it.
    var isHeldBack = false
    /// True exactly when the server took the connection and the handshake goes on.
    var isHandshaking = false
    /// True exactly when it was opened for the bytes of a TCP site, and never carries a request.
    var isForBytes = false
    /// True exactly when its handshake offers to resume a session.
    var offersTicket = false
    /// True exactly when the pool has what resumes this session.
    var hasKeptTicket = false
    /// The client's connection that it belongs to; nil where any request may travel on it.
    var owner: SlotID?
    /// True exactly when the server may know by the connection alone who its owner is.
    var knowsOwner = false
    /// The exchange that it serves; nil exactly when idle or closed, and where `link` is not.
    var exchange: Exchange?
    /// The streams of a connection of HTTP/2; nil where HTTP/1.1 is spoken.
    var link: UpstreamLink?
    /// How many requests it has carried.
    var requestCount = 0

    /// True exactly when the kernel may have bytes that were not asked for yet (edge-triggered).
    var canRead = false
    /// True exactly when the last send was complete, or an edge announced room since.
    var canWrite = false
    /// Whether the server takes all that it is given.
    var flow = FlowMeter()
    /// True exactly when what the last read brought fills a turn's records.
    var bringsMuch = false
    /// True exactly when an edge told that the server has closed, so that reading goes on to the
    /// end.
    var isEndAnnounced = false
    /// True exactly when the server will send no more.
    var isPeerDone = false
    /// True exactly when the connection ended by a reset or an error, not in good order.
    var isBroken = false
    /// True exactly when the connection stands in one of the worker's lists of those to flush.
    var isDirty = false
    /// True exactly when the connection stands in the worker's list of those to serve in the next
    /// tick.
    var isReady = false
    /// True exactly when our side of the socket is to be shut down once `outbound` is empty.
    var endsAfterFlush = false
    /// True exactly when our side of the socket has been shut down.
    var isShutDown = false

    /// When the present wait ends.
    var deadline = MonotonicTime.distantFuture
    /// When a connect has had all its time, while `deadline` is when another address may be tried;
    /// in the distant future where none is.
    var connectEnd = MonotonicTime.distantFuture
    /// True exactly when it has been counted as one that the server did not take.
    var isBlamed = false
    /// A second connection to another address of the same name, while both are being opened; only
    /// where connections are shared, since an exchange with its own has that itself.
    private(set) var rival: UpstreamConnection?
    /// The connection whose rival this is, while both are being opened.
    private(set) var raced: UpstreamConnection?
    /// When the timer wheel will ask for this connection.
    var timerAt = MonotonicTime.distantFuture
    /// When the server was heard last.
    var heardAt = MonotonicTime(nanoseconds: 0)
    /// When the connect began.
    let openedAt: MonotonicTime

    /// True exactly when all that the server is to get has been handed to the kernel.
    var hasSentAll: Bool { outbound.isEmpty && (!speaksTLS || sealed.isEmpty) }

    /// Takes a second connection to race with.
    func race(_ other: UpstreamConnection) {
        rival = other
        other.raced = self
    }

    /// Ends every race that the connection is in.
    func leaveRaces() {
        rival?.raced = nil
        raced?.rival = nil
        rival = nil
        raced = nil
    }

    init(
        id: SlotID, socket: consuming Socket, pool: UpstreamPool, buffers: BufferPool,
        now: MonotonicTime
    ) {
        self.id = id
        self.socket = socket
        self.pool = pool
        speaksTLS = pool.plan.tls != nil
        inbound = ByteQueue(pool: buffers)
        outbound = ByteQueue(pool: buffers)
        sealed = ByteQueue(pool: buffers)
        openedAt = now
    }
}

internal import Bytes
internal import Platform
internal import TLS

/// A connection to a client: its socket, its TLS session, what was read and not yet understood, and
/// what was written and not yet sent.
///
/// Worker only. The worker's functions act on it; it holds the state.
final class DownstreamConnection {
    /// Its place in the worker's table.
    let id: SlotID
    let socket: Socket
    /// Who asks; while the header of the PROXY protocol is awaited, the proxy.
    var client: SocketAddress
    /// Where the client connected to, as a proxy has told; nil where none has.
    var destination: SocketAddress?
    /// What a proxy has told beyond that; nil where none has.
    var told: ToldFacts?
    let binding: ListenerBinding
    /// What the session is to be made of; nil where none is to be made, or one has been.
    var context: TLSContext?
    /// The session; nil where TLS does not end here, and until the client has said something.
    var tls: TLSSession?
    /// What backends are told of the client's certificate; nil until it is asked for.
    var clientLines: [UInt8]?
    /// What rules may say of it; nil until one does.
    var knownFacts: ConnectionFacts?
    /// The servers' connections that begin with a header about this client, or on which it may have
    /// logged in, which no other's request may travel on.
    var ownUpstreams: [SlotID] = []
    /// True exactly when TLS ends here.
    private(set) var isTLS: Bool
    /// When it was accepted.
    let openedAt: MonotonicTime

    /// Where the connection stands; assigned by `transition(to:)` only.
    private(set) var phase: ConnectionPhase

    /// Plaintext that was read and not yet consumed.
    var inbound: ByteQueue
    /// How large the next TLS records are.
    var records = RecordSizer()
    /// Bytes for the socket, sealed where the listener speaks TLS.
    var outbound: ByteQueue
    /// The exchange that is being read or served; nil between requests.
    var exchange: Exchange?
    /// The streams of HTTP/2; nil where HTTP/1.1 is spoken.
    var link: HTTP2Link?
    /// What it takes to tell whether it speaks HTTP; nil once that is known.
    var choice: SiteChoice?
    /// How many requests began on this connection.
    var requestCount = 0

    /// True exactly when the kernel may have bytes that were not asked for yet (edge-triggered).
    var canRead = false
    /// True exactly when the last send was complete, or an edge announced room since.
    var canWrite = true
    /// Whether the client takes all that it is given.
    var flow = FlowMeter()
    /// True exactly when what the last read brought fills a turn's records.
    var bringsMuch = false
    /// True exactly when epoll tells of room: nobody has to know before there was none.
    var watchesRoom = false
    /// True exactly when the client will send no more: FIN, reset or `close_notify`.
    var isPeerDone = false
    /// True exactly when an edge told that the client has closed, so that reading goes on to the
    /// end.
    var isEndAnnounced = false
    /// True exactly when the connection stands in one of the worker's lists of those to flush.
    var isDirty = false
    /// True exactly when the connection stands in the worker's list of those to serve in the next
    /// tick.
    var isReady = false
    /// True exactly when our side of the socket is to be shut down once `outbound` is empty.
    var endsAfterFlush = false
    /// True exactly when our side of the socket has been shut down.
    var isShutDown = false
    /// True exactly when the client has said that it asks for nothing more (RFC 9112 §9.6), and all
    /// that it has sent was taken.
    var isClientFinal = false
    /// True exactly when the end is to be announced by `close_notify` (RFC 8446 §6.1).
    var announcesEnd: Bool

    /// When the wait for what the client owes ends; `distantFuture` if it owes nothing.
    var deadline = MonotonicTime.distantFuture
    /// What the client owes.
    var deadlineKind = DownstreamDeadline.none
    /// When the client must have taken what waits for it; `distantFuture` exactly when nothing
    /// does. Beside `deadline`, because a client can owe a request and not read an answer at once.
    var writeDeadline = MonotonicTime.distantFuture
    /// How far requests are served before the handshake has ended.
    var early = EarlyStage.none
    /// When the handshake must have ended, where requests came before its end; `distantFuture`
    /// otherwise.
    var handshakeDeadline = MonotonicTime.distantFuture
    /// True exactly when the first bytes have come, and the client may have a handshake.
    var isHandshakeAdmitted = false
    /// How many tiny records came in which second of the clock.
    var tinyRecords: (second: Int64, count: Int) = (0, 0)
    /// When the timer wheel will ask for this connection.
    var timerAt = MonotonicTime.distantFuture

    init(
        id: SlotID, socket: consuming Socket, client: SocketAddress, binding: ListenerBinding,
        pool: BufferPool, now: MonotonicTime
    ) {
        let awaitsHeader = binding.plan.proxies != nil
        self.id = id
        self.socket = socket
        self.client = client
        self.binding = binding
        context = binding.plan.tls
        isTLS = context != nil
        announcesEnd = isTLS
        phase = awaitsHeader ? .proxyProtocol : isTLS ? .handshaking : .http1
        inbound = ByteQueue(pool: pool)
        outbound = ByteQueue(pool: pool)
        openedAt = now
    }

    /// Leaves TLS to a server: what has come is passed on as it is.
    func passThrough() {
        choice = nil
        context = nil
        tls = nil
        isTLS = false
        announcesEnd = false
        transition(to: .tunnel)
    }

    /// Moves on in the diagram of `ConnectionPhase`.
    func transition(to next: ConnectionPhase) {
        precondition(phase.allows(next), "no such transition of a connection")
        phase = next
    }
}

/// What a client owes: the row of the table of deadlines.
enum DownstreamDeadline: Sendable {
    /// Nothing that the client owes.
    case none
    /// The handshake, absolute from accept.
    case handshake
    /// The head of a request, absolute from its first byte (from the connection's begin for the
    /// first).
    case requestHead
    /// More of the request's body, from the last bytes on.
    case requestBody
    /// The next request on an idle connection.
    case keepAlive
    /// Any byte through a tunnel.
    case tunnelIdle
    /// What its HTTP/2 streams owe, or the next stream.
    case streams
    /// The client's end of the connection, after ours.
    case lingering
}

/// One listener of one worker: the socket, and how connections that arrive there are treated at
/// present.
///
/// Connections hold it for as long as they live, so it gives up the socket once no more are to
/// come: a socket that somebody still holds goes on taking connections into its queue, which nobody
/// would serve.
final class ListenerBinding {
    /// Nil once nothing more is accepted.
    private(set) var socket: ListenerSocket?
    /// The plan of the snapshot installed last; a connection keeps the context that it began with.
    var plan: ListenerPlan
    /// The port of the redirect to HTTPS; nil where requests are served.
    var redirectPort: UInt16?
    /// True exactly when epoll watches the socket.
    var isWatched = false
    /// How many connections are accepted in one batch; grows while batches are full.
    var batchSize = 1
    /// The turn of the loop in which a batch was full last.
    var fullTurn = 0

    init(socket: ListenerSocket, plan: ListenerPlan) {
        self.socket = socket
        self.plan = plan
    }

    /// Lets go of the socket; the kernel refuses further connections when nobody else holds it.
    func releaseSocket() { socket = nil }
}

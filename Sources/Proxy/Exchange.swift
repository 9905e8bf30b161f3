internal import Bytes
internal import Config
internal import HTTP
internal import Platform

/// One request and its response, from the first byte of the one to the last byte of the other.
///
/// Objects are reused: a worker keeps those that have ended, with their memory, for the exchanges
/// to come. Worker only.
final class Exchange {
    /// The connection that the request came on; nil only while the object waits to be used again.
    var downstream: DownstreamConnection?
    /// The connection that the request was sent on, while it is.
    var upstream: UpstreamConnection?
    /// A second connection that is being opened beside it, to another address of the same name.
    var rival: UpstreamConnection?
    /// The snapshot that the exchange began with.
    var installed: InstalledSnapshot?

    var requestParser: RequestParser
    var responseParser: ResponseParser
    var request = RequestHead()
    /// What its head says in a word each, once the exchange counts. Apart from it, since many ask
    /// and each look at the head is one that the runtime checks.
    var form = RequestForm.none
    var response = ResponseHead()
    var requestBody: BodyDecoder
    var responseBody: BodyDecoder
    var requestTrailers = FieldBlock()
    var responseTrailers = FieldBlock()
    var machine = ExchangeMachine(isIdempotent: false, servers: 1, retries: 0)
    /// What of the request's body can be sent to another server.
    var replay: RequestReplay
    /// What the server is held to.
    var timeouts = ServerTimeouts(TimeoutConfig())
    /// True exactly when it waits for a connection to be made.
    var isPending = false
    /// The place in the line of those that wait for a server; nil while it does not.
    var waitTicket: BackendTally.Ticket?
    /// When it has waited there for too long.
    var waitDeadline = MonotonicTime.distantFuture
    /// The place among those that are held until a server is back; nil while it is not.
    var heldTicket: Int?
    /// When it was held for long enough; `.distantFuture` where it never was.
    var heldUntil = MonotonicTime.distantFuture
    /// True exactly when it waits in the line for a connection that has carried no request.
    var wantsFresh = false
    /// True exactly while it is its turn in that line: what is free is for it first.
    var isServed = false

    /// The connection's streams, if the request came on one.
    var link: HTTP2Link?
    /// The stream, and its place in `link`; 0 on HTTP/1.1, and where the stream is served no more.
    var stream: Int32 = 0
    var token = 0
    /// HTTP/2: payload of the request that the server has not taken yet.
    var requestQueue: ByteQueue
    /// HTTP/2: true exactly when the client has ended its side of the stream.
    var hasRequestEnded = false
    /// HTTP/2: the body of an answer of our own.
    var localBody: ByteQueue
    /// HTTP/2: how many bytes at the begin of the server's input are payload.
    var payloadReady = 0
    /// HTTP/2: how the response's body came to its end.
    var bodyEnd = BodyEnd.none
    /// The shared connection on which a stream serves the request, while one does.
    var carrier: UpstreamConnection?
    /// True exactly when the request goes to its server on a stream.
    var isShared = false
    /// The stream, and the place in the carrier's link; 0 where there is none.
    var serverStream: Int32 = 0
    var serverToken = 0
    /// Shared: true exactly when the stream is asked to become a tunnel (RFC 8441 §4).
    var asksForTunnel = false
    /// Shared: how the request's body is taken.
    var intake = RequestIntake()
    /// Shared: payload of the response that the client has not taken yet.
    var responseQueue: ByteQueue
    /// Shared: true exactly when the head of the final response has come.
    var hasResponseHead = false
    /// Shared: true exactly when the server has ended its side of the stream.
    var hasResponseEnded = false
    /// Shared: true exactly when the exchange stands in the list of those to go on with.
    var isTouched = false
    /// Shared: when the server must have gone on.
    var serverDeadline = MonotonicTime.distantFuture
    /// True exactly when a response that has begun ends by trailers that say why it is not whole.
    var isCutShort = false
    /// HTTP/2: when more of the request's body must have come, or anything through a tunnel.
    var bodyDeadline = MonotonicTime.distantFuture
    /// HTTP/2: what was left of that wait when it became the server's turn; nil while it runs, and
    /// where there is none.
    private var bodyTimeLeft: Duration?
    /// HTTP/2: when the client must have made room for what waits for it.
    var takeDeadline = MonotonicTime.distantFuture
    /// HTTP/2: how many bytes of the response have been counted for that.
    var bytesTaken = 0

    /// What it is where it is no request, but a connection of a TCP site.
    var tcp: TCPLeg?

    /// The larger of the two heads in bytes, which says what memory the object holds.
    var headBytes = 0
    /// True exactly when the request's head is complete and the exchange counts.
    var isBegun = false
    /// The index of the site, once known.
    var site: Int?
    /// The index of the backend, once known.
    var group: Int?
    /// Where its servers are, once one was looked for: in the snapshot it began with, or in a newer
    /// one, after a reload that took all of those away.
    var backend: BackendPlace?
    /// What the route says about the exchange; nil where it says nothing.
    var rules: RouteRules?
    /// The rule that has answered in the place of a backend; empty where none has.
    var rule: StaticString = ""
    /// The exchange's number while it waits for a password to be looked at; 0 otherwise.
    var ticket: UInt64 = 0
    /// The name that the client has shown to have; empty where nobody has asked.
    var user = ByteQueue()
    /// What tells the request from all others; empty where nobody has asked.
    var requestID = ByteQueue()
    /// What a rule is about to say; of no meaning between two rules.
    var ruleText = ByteQueue()
    /// True exactly while servers are tried one after the other.
    var isReconnecting = false
    /// Whether the next of them is to get a fresh connection; nil where there is no next.
    var nextReconnect: Bool?
    /// The server that was tried last.
    var server: UpstreamPool?
    /// The servers of the group that were tried, one bit for each of the first 64.
    var triedServers: UInt64 = 0
    /// Which server was chosen last, and why.
    var choice = ServerChoice()
    /// The server that counts the exchange among those under way; nil while none does.
    var countedIn: UpstreamPool?
    /// True exactly when the connection may serve another request after this one.
    var keepsAlive = false
    /// True exactly when the request came before the end of the handshake.
    var isEarly = false
    /// True exactly when the client has asked for `Expect: 100-continue` and has had no 100.
    var awaitsContinue = false
    /// How the response's body is framed towards the client.
    var bodyForm = BodyForm.asReceived
    /// The handshake that we make in the place of a client of HTTP/2.
    var webSocket: WebSocketHandshake?
    /// How many 1xx responses were passed on.
    var interimCount = 0
    /// The status that the client got; 0 before there is one.
    var status = 0
    /// What went wrong, if anything.
    var error: ProxyError?

    /// Payload bytes of the request's body.
    var bytesIn = 0
    /// How many of them have been counted for the deadline of the body.
    var bytesTimed = 0
    /// Payload bytes of the response's body.
    var bytesOut = 0
    var startedAt = MonotonicTime(nanoseconds: 0)
    var startedWall = WallTime.now()
    /// When the request was handed to a server's connection.
    var sentAt: MonotonicTime?
    /// When the first byte of the response came.
    var firstByteAt: MonotonicTime?
    /// How long the connect took; nil on a reused connection.
    var connectDuration: Duration?

    init(limits: MessageLimits, buffers: BufferPool) {
        requestQueue = ByteQueue(pool: buffers)
        replay = RequestReplay(buffers: buffers)
        localBody = ByteQueue(pool: buffers)
        responseQueue = ByteQueue(pool: buffers)
        requestParser = RequestParser(limits: limits)
        responseParser = ResponseParser(limits: limits)
        requestBody = BodyDecoder(.none, trailerLimits: limits)
        responseBody = BodyDecoder(.none, trailerLimits: limits)
    }

    /// Makes the object, which is new or was retired, ready for a request on `connection`.
    func prepare(
        _ connection: DownstreamConnection, installed: InstalledSnapshot, now: MonotonicTime
    ) {
        downstream = connection
        self.installed = installed
        requestParser = RequestParser(limits: installed.snapshot.settings.requestLimits)
        requestTrailers.removeAll()
        responseTrailers.removeAll()
        // Nothing of the last exchange may answer for this one: not how its request ended either.
        machine = ExchangeMachine(isIdempotent: false, servers: 1, retries: 0)
        form = .none
        headBytes = 0
        tcp = nil
        isBegun = false
        site = nil
        group = nil
        backend = nil
        rules = nil
        rule = ""
        ticket = 0
        user.removeAll()
        requestID.removeAll()
        isReconnecting = false
        nextReconnect = nil
        server = nil
        triedServers = 0
        choice = ServerChoice()
        timeouts = ServerTimeouts(installed.snapshot.settings.timeouts)
        waitDeadline = .distantFuture
        heldUntil = .distantFuture
        isServed = false
        keepsAlive = false
        isEarly = false
        awaitsContinue = false
        webSocket = nil
        bodyForm = .asReceived
        status = 0
        error = nil
        bytesIn = 0
        bytesTimed = 0
        bytesOut = 0
        bytesTaken = 0
        hasRequestEnded = false
        intake = RequestIntake()
        isShared = false
        asksForTunnel = false
        isCutShort = false
        bodyDeadline = .distantFuture
        bodyTimeLeft = nil
        takeDeadline = .distantFuture
        startedAt = now
        forgetProgress()
    }

    /// Makes the object ready for a response: the first, of which nothing can have come since
    /// `prepare`, or one of a further attempt.
    func prepareResponse(isFirst: Bool) {
        guard let installed else { return }
        responseParser = ResponseParser(limits: installed.snapshot.settings.responseLimits)
        if isFirst { return }
        response.reset()
        responseTrailers.removeAll()
        responseQueue.removeAll()
        forgetProgress()
    }

    /// Nothing has come of a response.
    private func forgetProgress() {
        interimCount = 0
        payloadReady = 0
        hasResponseHead = false
        hasResponseEnded = false
        serverDeadline = .distantFuture
        bodyEnd = .none
        sentAt = nil
        firstByteAt = nil
        connectDuration = nil
    }

    /// What the response says of the connection.
    var persistence: Persistence {
        Persistence(keepsAlive: keepsAlive, version: form.version)
    }

    /// True exactly while the client waits for 100 before it sends any of its body: the next word
    /// is the server's (RFC 9110 §10.1.1).
    var awaitsServer: Bool { awaitsContinue && bytesIn == 0 }

    /// HTTP/2: the wait for the request's body stands still.
    func pauseBodyClock(now: MonotonicTime) {
        if bodyDeadline != .distantFuture { bodyTimeLeft = bodyDeadline - now }
        bodyDeadline = .distantFuture
    }

    /// HTTP/2: the wait goes on with what was left of it.
    func resumeBodyClock(now: MonotonicTime) {
        if let left = bodyTimeLeft { bodyDeadline = now + left }
        bodyTimeLeft = nil
    }

    /// HTTP/2: the wait, where there is one, begins anew and is to be over at `end`.
    func restartBodyClock(end: MonotonicTime, now: MonotonicTime) {
        if bodyDeadline != .distantFuture { bodyDeadline = end }
        if bodyTimeLeft != nil { bodyTimeLeft = end - now }
    }

    /// Lets go of everything that is not memory to be used again.
    func retire() {
        downstream = nil
        // Whoever gets the object next has nothing to do with what a connection still brings.
        if upstream?.exchange === self { upstream?.exchange = nil }
        if rival?.exchange === self { rival?.exchange = nil }
        upstream = nil
        rival = nil
        carrier = nil
        installed = nil
        backend = nil
        tcp = nil
        rules = nil
        ticket = 0
        server = nil
        countedIn?.ended(sentAt: nil, firstByteAt: nil, now: startedAt)
        countedIn = nil
        (stream, token) = (0, 0)
        replay.drop()
        requestQueue.removeAll()
        requestQueue.releaseStorageIfEmpty()
        localBody.removeAll()
        localBody.releaseStorageIfEmpty()
        responseQueue.removeAll()
        responseQueue.releaseStorageIfEmpty()
        request.reset()
        response.reset()
    }
}

/// How a response's body is framed towards the client.
enum BodyForm: Sendable {
    /// No body, or one of known length: its bytes as they come.
    case asReceived
    /// No body, of which no field says so yet.
    case empty
    /// In chunks (RFC 9112 §7.1).
    case chunked
    /// Until the connection closes, for a client of HTTP/1.0.
    case untilClose
}

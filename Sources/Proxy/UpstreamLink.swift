internal import Bytes
internal import HTTP
internal import Platform

/// The HTTP/2 side of a server's connection: the session, and the exchanges whose requests are
/// streams of it, whichever clients they came from.
///
/// An exchange has a token here, its place and one more, as in `HTTP2Link`. Worker only.
final class UpstreamLink {
    let session: HTTP2Session
    private var seats = ExchangeSeats()
    /// How many exchanges there are, those that wait for the connect too.
    private(set) var count = 0
    /// Exchanges of whose requests the session has taken something; settled after each write.
    var pulled = PulledExchanges()
    /// Exchanges for which something came; served once all that came is known.
    var touched: [Exchange] = []
    /// True exactly when no stream begins on the connection any more: the server said goodbye, or
    /// the session takes none.
    var isLeaving = false {
        didSet {
            guard isLeaving != oldValue else { return }
            serverLoad?.leavingCount += isLeaving ? 1 : -1
        }
    }
    /// What counts the connection, while it is open.
    var serverLoad: ServerLoad? {
        didSet {
            guard isLeaving else { return }
            oldValue?.leavingCount -= 1
            serverLoad?.leavingCount += 1
        }
    }
    /// True exactly when the server's SETTINGS have come.
    var hasSettings = false
    /// How many streams we have reset since `resetsSince`.
    private var resetCount = 0
    private var resetsSince = MonotonicTime(nanoseconds: 0)

    init(session: HTTP2Session) { self.session = session }

    /// Counts a stream that we have reset; true exactly when there were many lately. Servers end
    /// connections on which there are too many of them (CVE-2023-44487), and with that the streams
    /// of everybody.
    func noteReset(now: MonotonicTime) -> Bool {
        if now - resetsSince >= UpstreamLink.resetWindow { (resetCount, resetsSince) = (0, now) }
        resetCount += 1
        return resetCount >= UpstreamLink.resetLimit
    }

    /// True exactly when another stream may begin.
    func hasRoom(limit: Int) -> Bool {
        !isLeaving
            && max(count, session.openStreams) < min(limit, session.peerConcurrentStreams)
    }

    /// An exchange of the connection; nil where there is none.
    var first: Exchange? { seats.first { _ in true } }

    /// The exchange that an event is for; nil if it has ended.
    func exchange(_ token: Int, of stream: Int32) -> Exchange? {
        guard let exchange = seats[token], exchange.serverStream == stream else { return nil }
        return exchange
    }

    /// Gives an exchange a place; its stream begins later.
    func insert(_ exchange: Exchange) {
        count += 1
        exchange.serverToken = seats.insert(exchange)
        exchange.serverStream = 0
    }

    /// Notes the stream of an exchange.
    func begin(_ exchange: Exchange, stream: Int32) {
        exchange.serverStream = stream
        session.setToken(exchange.serverToken, of: stream)
    }

    /// Forgets an exchange; what its stream still brings is nobody's.
    func remove(_ exchange: Exchange) {
        guard exchange.serverToken > 0 else { return }
        if exchange.serverStream > 0 { session.setToken(0, of: exchange.serverStream) }
        seats.remove(exchange.serverToken)
        count -= 1
        (exchange.serverToken, exchange.serverStream) = (0, 0)
    }

    /// Calls `body` with every exchange; it may remove the one that it is called with.
    func forEach(_ body: (Exchange) -> Void) {
        for place in 0..<seats.highest {
            if let exchange = seats[place + 1] { body(exchange) }
        }
    }

    /// Remembers to go on with an exchange once all that came is known.
    func touch(_ exchange: Exchange) {
        guard !exchange.isTouched else { return }
        exchange.isTouched = true
        touched.append(exchange)
    }

    /// How many streams are reset in `resetWindow` before the connection is left. Netty lets 200
    /// pass in as long: two windows of ours may touch, and a hundred streams under way may follow.
    static let resetLimit = 50
    /// In which time they are counted.
    static let resetWindow = Duration.seconds(30)
}

/// Where the bodies of requests come from: straight from what the clients sent, when the server's
/// windows have room for them.
extension UpstreamLink: HTTP2BodySource {
    func nextPiece(of stream: Int32, token: Int, limit: Int) -> HTTP2Piece {
        guard let exchange = exchange(token, of: stream) else { return .failed(.cancel) }
        var piece = exchange.nextRequestPiece(limit: limit)
        if case .trailers = piece, !session.submit(trailers: exchange.requestTrailers, of: stream) {
            piece = .end
        }
        if case .later = piece, exchange.intake.fault == nil { return piece }
        pulled.note(exchange)
        return piece
    }

    func writePiece(of stream: Int32, token: Int, count: Int, to output: inout ByteQueue) {
        exchange(token, of: stream)?.writeRequestPiece(count, to: &output)
    }
}

extension HTTP2Session {
    /// Sends trailers without what is for one hop only, from inside `nextPiece`; false where
    /// nothing is left of them.
    func submit(trailers: borrowing FieldBlock, of stream: Int32) -> Bool {
        var message = HTTP2Message()
        var isEmpty = true
        for index in 0..<trailers.count where !trailers.isHopByHop(index) {
            message.add(name: trailers.name(index), value: trailers.value(index))
            isEmpty = false
        }
        if !isEmpty { submitTrailers(message, stream) }
        return !isEmpty
    }
}

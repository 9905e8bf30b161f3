internal import Bytes
internal import HTTP
internal import Platform

/// The HTTP/2 side of a client's connection: the session, and the exchanges of its streams.
///
/// An exchange has a token here, its place and one more, which the session keeps for its stream;
/// a stream whose exchange has ended has token 0. Worker only.
final class HTTP2Link {
    /// How far the end of the connection has been announced (RFC 9113 §6.8).
    enum Goodbye: Sendable {
        /// Not at all.
        case none
        /// By a GOAWAY that refuses nothing yet: what is on its way is still served.
        case announced
        /// By the GOAWAY that names the last stream.
        case final
    }

    let session: HTTP2Session
    private var seats = ExchangeSeats()
    /// How many exchanges there are.
    private(set) var count = 0
    /// Exchanges of whose responses the session has taken something; settled after each write.
    var pulled = PulledExchanges()
    /// True exactly while frames of bodies are sealed where they were read of the server.
    var sealsInPlace = false
    /// How large the heads of interim responses are that the session has taken and not yet written.
    var interimBytes = 0
    /// How far the end has been announced.
    var goodbye = Goodbye.none
    /// When a header block that has begun must have ended; `distantFuture` while there is none.
    var headDeadline = MonotonicTime.distantFuture
    /// When the client must have acknowledged our SETTINGS (RFC 9113 §6.5.3).
    var settingsDeadline = MonotonicTime.distantFuture
    /// When a stream must have begun, where there is none.
    var idleDeadline = MonotonicTime.distantFuture
    /// When the last GOAWAY is due; `distantFuture` unless one is announced.
    var goodbyeDeadline = MonotonicTime.distantFuture

    init(session: HTTP2Session) { self.session = session }

    /// The exchange with this token; nil if it has ended.
    subscript(token: Int) -> Exchange? { seats[token] }

    /// The exchange that an event is for: what came together with its request was noted before the
    /// stream had a token.
    func exchange(_ token: Int, of stream: Int32) -> Exchange? {
        token > 0 ? seats[token] : seats.first { $0.stream == stream }
    }

    /// Gives an exchange a place, and its stream the token.
    func insert(_ exchange: Exchange, stream: Int32) {
        count += 1
        exchange.link = self
        exchange.stream = stream
        exchange.token = seats.insert(exchange)
        session.setToken(exchange.token, of: stream)
    }

    /// Forgets an exchange that has ended; what its stream still brings is nobody's.
    func remove(_ exchange: Exchange) {
        guard exchange.token > 0 else { return }
        session.setToken(0, of: exchange.stream)
        seats.remove(exchange.token)
        count -= 1
        exchange.token = 0
        exchange.link = nil
    }

    /// Calls `body` with every exchange; it may remove the one that it is called with.
    func forEach(_ body: (Exchange) -> Void) {
        for place in 0..<seats.highest {
            if let exchange = seats[place + 1] { body(exchange) }
        }
    }
}

/// Where the bodies of responses come from: straight from what was read of the server, when the
/// client's windows have room for them.
extension HTTP2Link: HTTP2BodySource {
    func nextPiece(of stream: Int32, token: Int, limit: Int) -> HTTP2Piece {
        guard let exchange = self[token] else { return .failed(.internalError) }
        // With its header the frame fills a record.
        let limit = sealsInPlace ? min(limit, HTTP2Link.sealedPiece) : limit
        var piece = exchange.nextPiece(limit: limit)
        if case .trailers = piece {
            exchange.settleResponseTrailers()
            if !session.submit(trailers: exchange.responseTrailers, of: stream) { piece = .end }
        }
        if case .later = piece, exchange.bodyEnd == .none { return piece }
        pulled.note(exchange)
        return piece
    }

    func writePiece(of stream: Int32, token: Int, count: Int, to output: inout ByteQueue) {
        self[token]?.writePiece(count, to: &output)
    }

    func sendFrame(
        of stream: Int32, token: Int, header: Span<UInt8>, count: Int,
        behind output: inout ByteQueue
    ) -> Bool {
        guard sealsInPlace, count >= HTTP2Link.leastSealedPiece, let exchange = self[token] else {
            return false
        }
        return exchange.sealPiece(header, count, behind: &output)
    }

    /// The payload of a TLS record (RFC 8446 §5.1), less the header of a frame (RFC 9113 §4.1).
    static let sealedPiece = RecordSizer.largeBytes - 9
    /// What becomes of so many bytes: records with their headers and tags, and one more for other
    /// frames.
    static func sealedTurn(of count: Int) -> Int {
        (count + sealedPiece - 1) / sealedPiece * RecordSizer.sealedBytes + 512
    }
    /// How much of a server may wait before it is read no more, where frames are sealed where they
    /// lie.
    static let fullBytes = Worker.recordsPerTurn * sealedPiece
    /// Shorter ones share records: a copy costs less than a record.
    private static let leastSealedPiece = 4_096
}

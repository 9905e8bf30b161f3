import Bytes
import HTTP
import TestSupport

/// One connection of a server of HTTP/2 in cleartext, which does with each event what a test tells
/// it.
final class StreamOrigin: HTTP2BodySource {
    /// What a stream has still to send.
    private struct Body {
        var bytes: [UInt8] = []
        var hasEnded = false
        var trailers: [(StaticString, StaticString)] = []
    }

    let session: HTTP2Session
    let connection: OriginConnection
    /// The request of the last `.request`.
    var request = RequestHead()
    /// The payload of the last `.data`.
    private(set) var payload: [UInt8] = []
    /// The path of the last request.
    private(set) var path = ""
    /// True exactly when the peer's window opens as soon as its bytes have come.
    var givesCredit = true
    private var bodies: [Int32: Body] = [:]

    private init(_ connection: OriginConnection, _ settings: HTTP2Settings) throws {
        self.connection = connection
        session = try HTTP2Session(role: .server, settings: settings, milliseconds: 0)
    }

    /// What an `Origin` runs for each connection: `act` is called with each event.
    ///
    /// - Parameter speaksFirst: its SETTINGS do not wait for what the client says.
    static func script(
        settings: HTTP2Settings = HTTP2Settings(), speaksFirst: Bool = true,
        _ act: @escaping @Sendable (StreamOrigin, HTTP2Event) throws -> Void
    ) -> @Sendable (OriginConnection) throws -> Void {
        {
            let origin = try StreamOrigin($0, settings)
            if speaksFirst { origin.flush() }
            try origin.run(act)
        }
    }

    private func run(_ act: (StreamOrigin, HTTP2Event) throws -> Void) throws {
        while true {
            let bytes = connection.receive()
            if bytes.isEmpty { return }
            session.receive(bytes.span, milliseconds: 0)
            while let event = session.nextEvent() {
                if case .request = event {
                    session.takeRequest(into: &request)
                    path = String(copying: request.pathAndQuery)
                }
                if case .data(let stream, _, let range) = event {
                    payload = Array(bytes[range])
                    if givesCredit { session.consumed(range.count, of: stream) }
                }
                try act(self, event)
            }
            flush()
        }
    }

    /// Sends what there is to send.
    func flush() {
        var output = ByteQueue()
        while session.wantsWrite {
            let before = output.count
            session.write(to: &output, upTo: 1 << 20, from: self)
            if output.count == before { break }
        }
        connection.send(Array(copying: output.bytes))
    }

    /// Begins a response.
    func respond(
        _ stream: Int32, _ status: StaticString = "200",
        _ fields: [(StaticString, StaticString)] = [], endsStream: Bool = false
    ) {
        var message = HTTP2Message()
        message.add(":status", status)
        for (name, value) in fields { message.add(name, value) }
        _ = session.submitResponse(message, stream, endsStream: endsStream)
    }

    /// Sends payload, and the end where it `ends`.
    func send(
        _ stream: Int32, _ bytes: [UInt8], ends: Bool = true,
        trailers: [(StaticString, StaticString)] = []
    ) {
        var body = bodies[stream] ?? Body()
        body.bytes += bytes
        body.hasEnded = ends
        body.trailers = trailers
        bodies[stream] = body
        session.resume(stream)
    }

    /// Sends a whole response.
    func answer(
        _ stream: Int32, _ text: String, _ fields: [(StaticString, StaticString)] = [],
        trailers: [(StaticString, StaticString)] = []
    ) {
        respond(stream, "200", fields)
        send(stream, Array(text.utf8), trailers: trailers)
    }

    func nextPiece(of stream: Int32, token: Int, limit: Int) -> HTTP2Piece {
        guard let body = bodies[stream] else { return .later }
        if !body.bytes.isEmpty {
            let count = min(limit, body.bytes.count)
            let isLast = count == body.bytes.count && body.hasEnded && body.trailers.isEmpty
            return .bytes(count, isLast: isLast)
        }
        guard body.hasEnded else { return .later }
        if body.trailers.isEmpty { return .end }
        var message = HTTP2Message()
        for (name, value) in body.trailers { message.add(name, value) }
        session.submitTrailers(message, stream)
        return .trailers
    }

    func writePiece(of stream: Int32, token: Int, count: Int, to output: inout ByteQueue) {
        let bytes = Array((bodies[stream]?.bytes ?? []).prefix(count))
        output.append(bytes.span)
        bodies[stream]?.bytes.removeFirst(count)
    }
}

import Bytes
import HTTP

/// One connection that an input drives.
final class SessionRun: HTTP2BodySource {
    let session: HTTP2Session
    private let input: SessionInput
    /// True exactly when requests come in.
    var isServer: Bool { input.role == .server }
    private let gathersEvents: Bool
    /// True exactly when requests are answered once they have come whole.
    var answers = false
    /// True exactly when payload is given credit for.
    var consumes = false
    private(set) var told: [SessionEvent] = []
    var streams: [Int32: SessionStream] = [:]
    var bodies: [Int32: SessionBody] = [:]
    /// What the bodies have written, stream by stream.
    private var written: [Int32: [UInt8]] = [:]
    private var output: [UInt8] = []
    private var now: Int64 = 0
    /// Streams that wait for an answer.
    private var asking: [Int32] = []
    /// What did not hold while the session called.
    var broken: Broken?

    init(_ input: SessionInput, gathersEvents: Bool) throws(Broken) {
        self.input = input
        self.gathersEvents = gathersEvents
        var settings = input.settings
        if gathersEvents {
            // How much is told before a window is overrun, and when a stream that is reset makes
            // room for another, depends on how the input comes.
            let usual = HTTP2Settings()
            settings.streamWindow = usual.streamWindow
            settings.concurrentStreams = usual.concurrentStreams
            settings.heldHeadBytes = usual.heldHeadBytes
        }
        do throws(HTTP2Fault) {
            session = try HTTP2Session(
                role: input.role, settings: settings, budgets: input.budgets,
                milliseconds: 0)
        } catch {
            throw Broken("no session")
        }
    }

    /// Says and hears what stands at the beginning; a client asks for a few things.
    func open() throws(Broken) {
        try write(upTo: 1 << 20)
        try receive(input.opening)
        guard input.role == .client else { return }
        for (method, size) in [("GET", nil), ("HEAD", nil), ("POST", 100), ("GET", nil)] {
            request(method, size.map { SessionBody(count: $0, piece: 30, mode: 0) })
        }
        try write(upTo: 1 << 20)
    }

    /// Gives the session bytes, and hears what it makes of them.
    func receive(_ bytes: [UInt8]) throws(Broken) {
        if bytes.isEmpty { return }
        session.receive(bytes.span, milliseconds: now)
        try pull(bytes)
        for stream in asking { answer(stream) }
        asking = []
    }

    /// Takes what the session has to say.
    func write(upTo limit: Int) throws(Broken) {
        var queue = ByteQueue()
        session.write(to: &queue, upTo: limit, from: self)
        output += copy(queue.bytes)
        if let broken { throw broken }
        try pull([])
    }

    /// Takes all that is left to be said, and looks at everything that was.
    func finish() throws(Broken) -> SentFrames {
        var isQuiet = false
        for _ in 0..<10_000 where !isQuiet {
            let before = output.count
            try write(upTo: 1 << 20)
            isQuiet = output.count == before
        }
        try require(isQuiet, "it never ends to say something")
        try require(!session.wantsWrite, "it wants to write and has nothing to say")
        if session.fault != nil { try require(session.isOver, "it goes on behind a fault") }
        let sent = try SentFrames(output.dropFirst(input.role == .client ? 24 : 0))
        try require(sent.payload == written, "payload is lost or made up")
        for stream in sent.answered {
            try require(streams[stream] != nil, "\(stream) has an answer and was never told")
        }
        return sent
    }

    /// Lets time go by.
    func wait(milliseconds: Int64) { now += milliseconds }

    private func pull(_ part: [UInt8]) throws(Broken) {
        while let event = session.nextEvent() { try note(event, part) }
    }

    private func note(_ event: HTTP2Event, _ part: [UInt8]) throws(Broken) {
        switch event {
        case .request(let stream, let endsStream): try noteRequest(stream, endsStream)
        case .response(let stream, let token, let endsStream):
            try requireToken(token, of: stream)
            try noteResponse(stream, endsStream)
        case .data(let stream, let token, let range):
            try requireToken(token, of: stream)
            try require(range.upperBound <= part.count, "payload beyond the input")
            try streams[stream, default: .init()].take(payload: range.count, of: stream)
            keep(stream, part[range])
            if consumes {
                session.consumed(range.count, of: stream)
            }
        case .end(let stream, let token, let hasTrailers):
            try requireToken(token, of: stream)
            var block = FieldBlock()
            if hasTrailers { session.takeTrailers(into: &block) }
            let fields = ReadFields(block)
            try fields.requireClean()
            try streams[stream, default: .init()].takeEnd(of: stream)
            keep(.end(stream, fields))
            asking.append(stream)
        case .reset(let stream, let token, let code, let byPeer):
            try requireToken(token, of: stream)
            let isOurs = input.role == .client
            try streams[stream, default: .init()].takeReset(of: stream, isOurs: isOurs)
            keep(.reset(stream, code, byPeer: byPeer))
        case .refused(let stream, let fault):
            try require(input.role == .server && streams[stream] == nil, "\(stream) is refused")
            streams[stream] = SessionStream(isRefused: true)
            session.setToken(Int(stream) + 1000, of: stream)
            keep(.refused(stream, fault))
            asking.append(stream)
        case .goAway(let last, let code): keep(.goAway(last, code))
        case .settings: keep(.settings)
        }
    }

    private func noteRequest(_ stream: Int32, _ endsStream: Bool) throws(Broken) {
        try require(input.role == .server && streams[stream] == nil, "\(stream) is told twice")
        session.setToken(Int(stream) + 1000, of: stream)
        var head = RequestHead()
        session.takeRequest(into: &head)
        var state = SessionStream()
        try state.take(head: stream, endsStream: endsStream)
        if case .length(let length) = head.framing { state.promised = length }
        streams[stream] = state
        let request = try ForwardedRequest(head)
        keep(
            .request(
                stream, request.parts, request.fields, head.framing, endsStream: endsStream))
        if endsStream { asking.append(stream) }
    }

    private func noteResponse(_ stream: Int32, _ endsStream: Bool) throws(Broken) {
        var head = ResponseHead()
        session.takeResponse(into: &head)
        let fields = ReadFields(head.fields)
        try fields.requireClean()
        try require((100...599).contains(head.status) && head.status != 101, "a wrong status")
        try require(streams[stream] != nil, "\(stream) was never asked for")
        if head.status >= 200 {
            try streams[stream, default: .init()].take(head: stream, endsStream: endsStream)
        } else {
            let isEarly = streams[stream].map { !$0.hasHead && !$0.isOver } ?? false
            try require(isEarly && !endsStream, "\(stream) has an interim response too late")
        }
        keep(.response(stream, head.status, fields, endsStream: endsStream))
    }

    private func requireToken(_ token: Int, of stream: Int32) throws(Broken) {
        try require(token == Int(stream) + 1000, "\(stream) has the token \(token)")
    }

    private func keep(_ event: SessionEvent) { if gathersEvents { told.append(event) } }

    /// Payload that follows payload of the same stream is one, however it came.
    private func keep(_ stream: Int32, _ part: ArraySlice<UInt8>) {
        guard gathersEvents else { return }
        if case .payload(stream, let before)? = told.last {
            told[told.count - 1] = .payload(stream, before + part)
        } else {
            told.append(.payload(stream, Array(part)))
        }
    }

    private func answer(_ stream: Int32) {
        guard answers else { return }
        let size = Int(stream) * 37
        respond(stream, "200", SessionBody(count: size, piece: 100, mode: UInt8(stream / 2 % 8)))
    }

    func nextPiece(of stream: Int32, token: Int, limit: Int) -> HTTP2Piece {
        if token != Int(stream) + 1000 { broken = Broken("a body has the token \(token)") }
        guard var body = bodies[stream], streams[stream]?.isOver == false else {
            broken = Broken("\(stream) is asked for a body")
            return .failed(.internalError)
        }
        let piece = body.next(limit: limit)
        bodies[stream] = body
        switch piece {
        case .trailers:
            var message = HTTP2Message()
            message.add("t", "1")
            session.submitTrailers(message, stream)
        case .failed: streams[stream]?.isOver = true
        case .later where body.resetsItself: reset(stream, .cancel)
        default: break
        }
        return piece
    }

    func writePiece(of stream: Int32, token: Int, count: Int, to output: inout ByteQueue) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 + Int(stream)) }
        written[stream, default: []] += bytes
        output.append(bytes.span)
    }
}

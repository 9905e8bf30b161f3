import Bytes

@testable import HTTP

/// A session that is fed by hand: what it tells is a list of lines, what it writes a list of bytes.
final class HTTP2Probe: HTTP2BodySource {
    /// What a stream has to say.
    struct Body {
        var bytes: [UInt8] = []
        var isComplete = false
        var trailers: [(String, String)]?
        var failure: HTTP2ErrorCode?
    }

    let session: HTTP2Session
    var log: [String] = []
    var output: [UInt8] = []
    var bodies: [Int32: Body] = [:]
    /// True exactly when requests are answered with 204 once they have ended.
    var answers = false
    /// True exactly when payload is given credit for as it comes.
    var consumes = true
    var received: [Int32: [UInt8]] = [:]
    var fault: HTTP2Fault?
    var now: Int64 = 0
    /// Which streams were asked for pieces, in their order.
    var asked: [Int32] = []

    init(
        _ role: HTTP2Role = .server, settings: HTTP2Settings = .init(),
        limits: MessageLimits = .init(), budgets: HTTP2Budgets = .init()
    ) throws {
        session = try HTTP2Session(
            role: role, settings: settings, limits: limits, budgets: budgets, milliseconds: 0)
    }

    /// A server whose client has said its preface and SETTINGS, and acknowledged ours.
    static func server(
        settings: HTTP2Settings = .init(), limits: MessageLimits = .init(),
        budgets: HTTP2Budgets = .init()
    ) throws -> HTTP2Probe {
        let probe = try HTTP2Probe(.server, settings: settings, limits: limits, budgets: budgets)
        probe.write()
        probe.feed(Wire.preface + Wire.settings() + Wire.settingsAck)
        probe.write()
        probe.log = []
        probe.output = []
        return probe
    }

    /// Gives the session bytes in the parts that end at `ends`.
    func feed(_ bytes: [UInt8], ends: [Int]? = nil) {
        var start = 0
        for end in ends ?? [bytes.count] where end > start {
            let part = Array(bytes[start..<end])
            fault = session.receive(part.span, milliseconds: now)
            pull(part)
            start = end
        }
    }

    func write(upTo limit: Int = 1 << 20) {
        var queue = ByteQueue()
        session.write(to: &queue, upTo: limit, from: self)
        output += [UInt8](copying: queue.bytes)
        pull([])
    }

    /// What was written since the last call, as frames.
    func frames() -> [WireFrame] {
        write()
        defer { output = [] }
        return WireFrame.read(output)
    }

    private func pull(_ part: [UInt8]) {
        while let event = session.nextEvent() { note(event, part) }
    }

    private func note(_ event: HTTP2Event, _ part: [UInt8]) {
        switch event {
        case .request(let stream, let endsStream):
            session.setToken(Int(stream) + 1000, of: stream)
            var head = RequestHead()
            session.takeRequest(into: &head)
            let facts = RequestFacts(.complete(consumed: 0), head)
            let tunnel = head.hasTunnelProtocol ? " \(String(copying: head.tunnelProtocol))" : ""
            log.append(
                "request \(stream) \(facts.method) \(facts.authority) \(facts.target)\(tunnel) "
                    + "\(facts.framing) \(facts.fields)\(endsStream ? " end" : "")")
            if endsStream { answer(stream) }
        case .response(let stream, let token, let endsStream):
            var head = ResponseHead()
            session.takeResponse(into: &head)
            let facts = ResponseFacts(.complete(consumed: 0), head, .get)
            log.append(
                "response \(stream) \(token) \(facts.status) \(facts.framing) \(facts.fields)"
                    + (endsStream ? " end" : ""))
        case .data(let stream, let token, let range):
            let text = Array(part[range])
            received[stream, default: []] += text
            let line = "data \(stream) \(token) "
            if let last = log.last, last.hasPrefix(line) {
                log[log.count - 1] = last + String(decoding: text, as: UTF8.self)
            } else {
                log.append(line + String(decoding: text, as: UTF8.self))
            }
            if consumes { session.consumed(range.count, of: stream) }
        case .end(let stream, let token, let hasTrailers):
            var block = FieldBlock()
            if hasTrailers { session.takeTrailers(into: &block) }
            log.append("end \(stream) \(token) \(lines(of: block).all)")
            answer(stream)
        case .reset(let stream, let token, let code, let byPeer):
            log.append("reset \(stream) \(token) \(code.label)\(byPeer ? " by peer" : "")")
        case .refused(let stream, let fault):
            log.append("refused \(stream) \(fault.label)")
            respond(stream, "\(fault.status)")
        case .goAway(let last, let code): log.append("goaway \(last) \(code.label)")
        case .settings: log.append("settings")
        }
    }

    private func answer(_ stream: Int32) {
        if answers { respond(stream, "204") }
    }

    @discardableResult
    func respond(
        _ stream: Int32, _ status: String, _ fields: [(String, String)] = [], body: Body? = nil
    ) -> Bool {
        var message = HTTP2Message()
        message.add(":status", status.utf8.span)
        for (name, value) in fields {
            message.add(name: name.utf8.span, value: value.utf8.span)
        }
        if let body { bodies[stream] = body }
        return session.submitResponse(message, stream, endsStream: body == nil)
    }

    func interim(_ stream: Int32, _ status: String) -> Bool {
        var message = HTTP2Message()
        message.add(":status", status.utf8.span)
        return session.submitInterim(message, stream)
    }

    func request(_ fields: [(String, String)], body: Body? = nil) -> Int32? {
        var message = HTTP2Message()
        for (name, value) in fields {
            message.add(name: name.utf8.span, value: value.utf8.span)
        }
        let stream = session.submitRequest(message, endsStream: body == nil)
        if let stream {
            bodies[stream] = body
            session.setToken(Int(stream) + 2000, of: stream)
        }
        return stream
    }

    func nextPiece(of stream: Int32, token: Int, limit: Int) -> HTTP2Piece {
        asked.append(stream)
        guard let body = bodies[stream] else { return .failed(.internalError) }
        if let failure = body.failure, body.bytes.isEmpty { return .failed(failure) }
        if !body.bytes.isEmpty {
            let count = min(limit, body.bytes.count)
            let isLast = count == body.bytes.count && body.isComplete && body.trailers == nil
            return .bytes(count, isLast: isLast)
        }
        guard body.isComplete else { return .later }
        guard let trailers = body.trailers else { return .end }
        var message = HTTP2Message()
        for (name, value) in trailers {
            message.add(name: name.utf8.span, value: value.utf8.span)
        }
        session.submitTrailers(message, stream)
        return .trailers
    }

    func writePiece(of stream: Int32, token: Int, count: Int, to output: inout ByteQueue) {
        let piece = Array(bodies[stream, default: Body()].bytes.prefix(count))
        output.append(piece.span)
        bodies[stream]?.bytes.removeFirst(count)
    }
}

/// Joins a client and a server until neither has anything to say.
func exchange(_ one: HTTP2Probe, _ other: HTTP2Probe) {
    for _ in 0..<10_000 {
        one.write()
        other.write()
        if one.output.isEmpty, other.output.isEmpty { return }
        let (toOther, toOne) = (one.output, other.output)
        one.output = []
        other.output = []
        other.feed(toOther)
        one.feed(toOne)
    }
}

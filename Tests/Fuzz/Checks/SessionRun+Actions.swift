import Bytes
import HTTP

/// What our side does.
extension SessionRun {
    /// Does something, where the session may be asked for it now.
    func act(_ action: SessionAction) throws(Broken) {
        let code = HTTP2ErrorCode(rawValue: UInt32(action.argument & 15)) ?? .cancel
        let stream = action.stream
        switch action.number {
        case 0: respond(stream, "204", nil)
        case 1: respond(stream, "200", body(action))
        case 2: interim(stream)
        case 3: reset(stream, code)
        case 4: session.ping()
        case 5: session.beginShutdown()
        case 6: session.finishShutdown()
        case 7: session.terminate(code)
        case 8: session.resume(stream)
        case 9: try write(upTo: Int(action.argument) * 64 + 1)
        case 10: request("PUT", action.argument & 1 == 0 ? nil : body(action))
        case 11: consumes = action.argument & 1 == 0
        case 12: wait(milliseconds: Int64(action.argument) * 16)
        default: for stream in bodies.keys.sorted() { session.resume(stream) }
        }
    }

    private func body(_ action: SessionAction) -> SessionBody {
        let size = action.payload.prefix(2).reduce(0) { $0 << 8 | Int($1) }
        let piece = action.payload.dropFirst(2).first.map { Int($0) * 64 } ?? 1
        return SessionBody(count: size, piece: piece, mode: action.argument)
    }

    /// Asks for something.
    func request(_ method: String, _ body: SessionBody?) {
        var message = HTTP2Message()
        message.add(":method", method.utf8.span)
        message.add(":scheme", "https")
        message.add(":authority", "a")
        message.add(":path", "/")
        guard let stream = session.submitRequest(message, endsStream: body == nil) else { return }
        session.setToken(Int(stream) + 1000, of: stream)
        streams[stream] = SessionStream()
        bodies[stream] = body
    }

    /// Answers a request that has no answer yet.
    func respond(_ stream: Int32, _ status: StaticString, _ body: SessionBody?) {
        guard isWaiting(stream) else { return }
        var message = HTTP2Message()
        message.add(":status", status)
        message.add("Server", "m")
        if body.map({ $0.count > 30_000 }) ?? false {
            message.add("x", [UInt8](repeating: 0x7e, count: 20_000).span)
        }
        bodies[stream] = body
        streams[stream]?.isAnswered = true
        if !session.submitResponse(message, stream, endsStream: body == nil) {
            broken = Broken("\(stream) cannot be answered")
        }
    }

    private func interim(_ stream: Int32) {
        guard isWaiting(stream) else { return }
        var message = HTTP2Message()
        message.add(":status", "103")
        if !session.submitInterim(message, stream) {
            broken = Broken("\(stream) takes no interim answer")
        }
    }

    /// Ends a stream of which our side has heard.
    func reset(_ stream: Int32, _ code: HTTP2ErrorCode) {
        guard let state = streams[stream], !state.isOver else { return }
        session.reset(stream, code)
        if code == .noError, state.isAnswered {
            streams[stream]?.isDeaf = true
        } else {
            streams[stream]?.isOver = true
        }
    }

    private func isWaiting(_ stream: Int32) -> Bool {
        guard let state = streams[stream], session.fault == nil else { return false }
        let isTold = state.hasHead || state.isRefused
        return isTold && !state.isOver && !state.isAnswered && isServer
    }
}

internal import Bytes
internal import Config
internal import HTTP
internal import Telemetry

/// A check in HTTP/2: one request on the first stream of a connection, and its answer.
///
/// One thread only.
final class CheckStream {
    private let check: HealthConfig
    private let session: HTTP2Session
    private let stream: Int32
    private var head = ResponseHead()
    private var text: SoughtText
    /// What is made of an answer in gRPC; nil where none is asked for.
    private var grpc: GRPCHealthAnswer?
    private var trailers = FieldBlock()
    /// What is left of the request's body.
    private var body: ArraySlice<UInt8> = []
    /// How many 1xx came.
    private var interimCount = 0
    /// True exactly when the server has begun as one of HTTP/2 does, with SETTINGS (RFC 9113 §3.4).
    private var hasSettings = false
    /// What the server has said first, as far as it tells who speaks no HTTP/2.
    private var opening: [UInt8] = []

    /// Queues the request.
    ///
    /// - Throws: where memory is lacking.
    init(_ check: HealthConfig, host: String, isTLS: Bool) throws(HTTP2Fault) {
        self.check = check
        text = SoughtText(check.body ?? "")
        session = try HTTP2Session(
            role: .client, settings: CheckStream.settings,
            limits: MessageLimits(headBytes: CheckAnswer.headLimit), milliseconds: 0)
        if check.kind == .grpc {
            let answer = GRPCHealthAnswer(service: check.service ?? "")
            body = answer.request[...]
            grpc = answer
        }
        let message = CheckStream.head(check, host, isTLS: isTLS)
        guard let stream = session.submitRequest(message, endsStream: body.isEmpty) else {
            throw .failure
        }
        self.stream = stream
    }

    private static func head(
        _ check: HealthConfig, _ host: String, isTLS: Bool
    ) -> HTTP2Message {
        let isGRPC = check.kind == .grpc
        var message = HTTP2Message()
        if isGRPC {
            message.add(":method", Array("POST".utf8).span)
        } else {
            message.add(":method", Array(check.method.rawValue.utf8).span)
        }
        message.add(":scheme", isTLS ? "https" : "http")
        message.add(":authority", Array(host.utf8).span)
        if isGRPC {
            message.add(":path", GRPCHealthAnswer.path)
            message.add("content-type", "application/grpc")
            message.add("te", "trailers")
        } else {
            message.add(":path", Array(check.path.utf8).span)
            message.add("accept", "*/*")
        }
        message.add("user-agent", Array("martlet/\(BuildFacts.version)".utf8).span)
        return message
    }

    /// Takes what has come out of `input`.
    ///
    /// - Parameter isEnd: true exactly when nothing more comes.
    /// - Returns: the verdict; nil while more is needed.
    func take(_ input: inout ByteQueue, isEnd: Bool) -> CheckVerdict? {
        noteOpening(input.bytes)
        let fault = input.isEmpty ? nil : session.receive(input.bytes, milliseconds: 0)
        var verdict: CheckVerdict?
        while let event = session.nextEvent() {
            if verdict == nil { verdict = take(event, input) }
        }
        input.removeAll()
        if let verdict { return verdict }
        if let fault { return broken(fault) }
        guard isEnd else { return nil }
        return .failed(
            .closed,
            opening.isEmpty ? "it closed without an answer" : "it closed before it had answered")
    }

    /// Writes what is to be sent now.
    func write(to output: inout ByteQueue) {
        while session.wantsWrite {
            let before = output.count
            session.write(to: &output, upTo: CheckStream.turn, from: self)
            if output.count == before { return }
        }
    }

    /// Takes leave of the server (RFC 9113 §6.8), so that it has no error to write of.
    func end() { session.terminate(.noError) }

    private func take(_ event: HTTP2Event, _ input: borrowing ByteQueue) -> CheckVerdict? {
        switch event {
        case .response(_, _, let endsStream): return judgeHead(endsStream: endsStream)
        case .data(let stream, _, let range):
            session.consumed(range.count, of: stream)
            guard grpc != nil else { return text.take(input.bytes(in: range)) }
            return grpc?.take(input.bytes(in: range))
        case .end(_, _, let hasTrailers):
            if hasTrailers { session.takeTrailers(into: &trailers) }
            return grpc?.judge(trailers) ?? text.missing()
        case .reset(_, _, let code, byPeer: true):
            return .failed(.closed, "it reset the stream: \(code.label)")
        case .reset(_, _, let code, byPeer: false): return broken(.violation(code))
        // Who ends in good order goes on to answer what came before (RFC 9113 §6.8).
        case .goAway(let last, .noError) where last >= stream: return nil
        case .goAway(_, let code):
            return .failed(.closed, "it said goodbye before it had answered: \(code.label)")
        case .settings:
            hasSettings = true
            return nil
        case .request, .refused: return nil
        }
    }

    /// Judges the head; interim ones are passed over (RFC 9110 §15.2).
    private func judgeHead(endsStream: Bool) -> CheckVerdict? {
        session.takeResponse(into: &head)
        if check.isInterim(head.status) {
            interimCount += 1
            return interimCount > CheckAnswer.interimLimit ? .tooManyInterim : nil
        }
        if let grpc { return grpc.judge(head, endsStream: endsStream) }
        return check.judge(head.status) ?? (endsStream ? text.missing() : nil)
    }

    private func noteOpening(_ bytes: Span<UInt8>) {
        let room = CheckStream.version.count - opening.count
        for index in 0..<min(room, bytes.count) { opening.append(bytes[index]) }
    }

    private func broken(_ fault: HTTP2Fault) -> CheckVerdict {
        switch fault {
        case .failure: .failed(.malformed, "its answer cannot be read")
        case _ where opening == CheckStream.version:
            .failed(.malformed, "it speaks HTTP/1, not HTTP/2")
        case _ where !hasSettings:
            .failed(.malformed, "its answer is not HTTP/2: \(fault.label)")
        case .violation(let code):
            .failed(.malformed, "it breaks a rule of HTTP/2: \(code.label)")
        case .budget(let kind): .failed(.malformed, "it sends too many \(kind.words)")
        }
    }

    /// No more is sent ahead than a check looks at.
    private static let settings = {
        var settings = HTTP2Settings()
        settings.streamWindow = 65_535
        settings.connectionWindow = 65_535
        settings.headerListBytes = CheckAnswer.headLimit
        return settings
    }()

    /// What an answer in HTTP/1 begins with.
    private static let version = Array("HTTP/".utf8)
    /// How much is written at once.
    private static let turn = 16_384
}

/// The request's body, where it has one.
extension CheckStream: HTTP2BodySource {
    func nextPiece(of stream: Int32, token: Int, limit: Int) -> HTTP2Piece {
        let count = min(limit, body.count)
        return count == 0 ? .end : .bytes(count, isLast: count == body.count)
    }

    func writePiece(of stream: Int32, token: Int, count: Int, to output: inout ByteQueue) {
        output.append(Array(body.prefix(count)).span)
        body = body.dropFirst(count)
    }
}

extension HTTP2Budgets.Kind {
    /// What there is too much of.
    fileprivate var words: String { String(label.description.map { $0 == "_" ? " " : $0 }) }
}

internal import Bytes
internal import HTTP
internal import Platform

/// One connection to a `ControlServer`: reads one request, writes one answer, closes.
struct ControlConnection: ~Copyable {
    private let socket: Socket
    private let client: SocketAddress
    private let limits: ControlLimits
    private let stopDescriptor: CInt
    /// Readable while other clients wait.
    private let listener: CInt
    private let crowdedSilenceEnds: MonotonicTime
    private let deadline: MonotonicTime
    private let silenceEnds: MonotonicTime
    private var hasBegun = false
    private var input = ByteQueue()

    /// Takes over an accepted, non-blocking socket; the deadline counts from here.
    init(
        socket: consuming Socket, client: SocketAddress, limits: ControlLimits,
        stopDescriptor: CInt, listener: CInt
    ) {
        self.listener = listener
        self.socket = socket
        self.client = client
        self.limits = limits
        self.stopDescriptor = stopDescriptor
        let now = MonotonicTime.now()
        deadline = now + limits.deadline
        silenceEnds = min(deadline, now + limits.silence)
        crowdedSilenceEnds = min(silenceEnds, now + limits.crowdedSilence)
    }

    /// What reading a request came to.
    private enum Reading {
        case request(ControlRequest)
        case refused(status: Int, reason: String)
        case gone
    }

    /// What waiting for more bytes came to.
    private enum Arrival { case bytes, late, ended }

    /// Serves the connection to its end.
    mutating func serve(_ handler: (ControlRequest) -> ControlResponse) {
        switch readRequest() {
        case .request(let request):
            write(handler(request), isHead: request.method == "HEAD")
        case .refused(let status, let reason):
            write(.text(status, reason + "\n"), isHead: false)
        case .gone:
            return
        }
        finish()
    }

    private mutating func readRequest() -> Reading {
        var parser = RequestParser(limits: MessageLimits())
        var head = RequestHead()
        while true {
            switch parser.parse(input.bytes, into: &head) {
            case .complete(let consumed):
                input.removeFirst(consumed)
                return readBody(of: head)
            case .failed(let fault):
                return .refused(status: fault.status, reason: "\(fault.reason)")
            case .needsMore:
                switch receive() {
                case .bytes: continue
                case .late where input.isEmpty: return .gone
                case .late: return .refused(status: 408, reason: "The request came too slowly.")
                case .ended: return .gone
                }
            }
        }
    }

    private mutating func readBody(of head: borrowing RequestHead) -> Reading {
        if case .length(let length) = head.framing, length > limits.bodyBytes { return tooLarge }
        if head.expectsContinue, input.isEmpty {
            _ = send("HTTP/1.1 100 Continue\r\n\r\n".utf8.span, until: deadline)
        }
        var decoder = BodyDecoder(head.framing, trailerLimits: MessageLimits())
        var trailers = FieldBlock()
        var body: [UInt8] = []
        while true {
            switch decoder.step(input.bytes, trailers: &trailers) {
            case .bytes(let range):
                guard body.count + range.count <= limits.bodyBytes else { return tooLarge }
                body += [UInt8](copying: input.bytes.extracting(range))
                input.removeFirst(range.upperBound)
            case .end(let consumed):
                input.removeFirst(consumed)
                return .request(ControlRequest(head, body: body, client: client))
            case .failed(let fault):
                return .refused(status: fault.status, reason: "\(fault.reason)")
            case .needsMore(let consumed):
                input.removeFirst(consumed)
                switch receive() {
                case .bytes: continue
                case .late: return .refused(status: 408, reason: "The body came too slowly.")
                case .ended: return .gone
                }
            }
        }
    }

    private var tooLarge: Reading {
        .refused(status: 413, reason: "The body is longer than \(limits.bodyBytes) bytes.")
    }

    /// Waits for bytes until the deadline; the signal to stop ends the wait.
    private mutating func receive() -> Arrival {
        while true {
            let now = MonotonicTime.now()
            let isCrowdable = !hasBegun && now >= crowdedSilenceEnds
            let end = hasBegun ? deadline : isCrowdable ? silenceEnds : crowdedSilenceEnds
            guard now < (hasBegun ? deadline : silenceEnds) else { return .late }
            let others = isCrowdable ? [listener] : []
            let ready = Poll.wait(
                [socket.rawDescriptor, stopDescriptor] + others, timeout: end - now)
            if ready[1] { return .ended }
            if isCrowdable, ready[2], !ready[0] { return .late }
            guard ready[0] else { continue }
            switch socket.receive(into: &input, atMost: ControlConnection.readSize) {
            case .bytes:
                hasBegun = true
                return .bytes
            case .wouldBlock: continue
            case .endOfStream, .failed: return .ended
            }
        }
    }

    private borrowing func write(_ response: ControlResponse, isHead: Bool) {
        var output = ByteQueue()
        output.append("HTTP/1.1 \(response.status) ")
        output.append(StatusText.reason(response.status))
        var fields = [ControlField(name: "Content-Type", value: response.contentType)]
        fields.append(ControlField(name: "Content-Length", value: "\(response.body.count)"))
        fields.append(ControlField(name: "X-Content-Type-Options", value: "nosniff"))
        fields += response.fields
        fields.append(ControlField(name: "Connection", value: "close"))
        for field in fields { output.append("\r\n\(field.name): \(field.value)") }
        output.append("\r\n\r\n")
        if !isHead { output.append(response.body.span) }
        // A handler may have used up the deadline, as a long reload does; its answer still gets its
        // chance.
        let end = max(deadline, MonotonicTime.now() + limits.closing)
        if send(output.bytes, until: end) { socket.shutdownWrite() }
    }

    /// Sends all of `bytes`; returns false if the client is gone or too slow, for which it has less
    /// time once the server stops.
    private borrowing func send(_ bytes: Span<UInt8>, until end: MonotonicTime) -> Bool {
        var sent = 0
        var end = end
        while sent < bytes.count {
            let now = MonotonicTime.now()
            guard now < end,
                (try? socket.setBlocking(timeout: min(end - now, ControlConnection.slice))) != nil
            else { return false }
            switch socket.send(bytes.extracting(sent...)) {
            case .bytes(let count): sent += count
            case .wouldBlock: break
            case .endOfStream, .failed: return false
            }
            if Poll.wait([stopDescriptor], timeout: .zero)[0] {
                end = min(end, now + limits.closing)
            }
        }
        return true
    }

    /// Reads and drops what the client still sends until it closes: closing with unread bytes would
    /// send a reset, which may take the answer away from a client that has not read it yet (RFC
    /// 9112 §9.6).
    private mutating func finish() {
        let end = MonotonicTime.now() + limits.closing
        var dropped = 0
        while dropped < ControlConnection.maximumDropped {
            let now = MonotonicTime.now()
            guard now < end else { return }
            let ready = Poll.wait([socket.rawDescriptor, stopDescriptor], timeout: end - now)
            guard ready[0], !ready[1] else { return }
            input.removeAll()
            switch socket.receive(into: &input, atMost: ControlConnection.readSize) {
            case .bytes(let count): dropped += count
            case .wouldBlock: continue
            case .endOfStream, .failed: return
            }
        }
    }

    /// How long a write waits before it looks whether the server stops.
    private static let slice = Duration.milliseconds(100)
    private static let readSize = 16384
    private static let maximumDropped = 8 << 20
}

internal import Bytes
internal import HTTP

/// One answer of the admin endpoint while it arrives.
struct AdminAnswer: ~Copyable {
    /// The status code; 0 until the head is whole.
    private(set) var status = 0

    /// The body as far as it has arrived.
    private(set) var body: [UInt8] = []

    private let method: Method
    private var parser = ResponseParser(limits: MessageLimits())
    private var head = ResponseHead()
    private var decoder: BodyDecoder?
    private var trailers = FieldBlock()

    /// How far an answer has come.
    enum Progress { case needsMore, complete, malformed }

    /// Makes an empty answer to a request with that method.
    init(method: String) {
        self.method = method == "HEAD" ? .head : method == "POST" ? .post : .get
    }

    /// Takes what `input` holds as far as it goes.
    mutating func advance(_ input: inout ByteQueue) -> Progress {
        while decoder == nil {
            switch parser.parse(input.bytes, requestMethod: method, into: &head) {
            case .needsMore: return .needsMore
            case .failed: return .malformed
            case .complete(let consumed):
                input.removeFirst(consumed)
                beginBody()
            }
        }
        while let step = decoder?.step(input.bytes, trailers: &trailers) {
            switch step {
            case .bytes(let range):
                guard body.count + range.count <= AdminAnswer.maximumBody else { return .malformed }
                body += [UInt8](copying: input.bytes.extracting(range))
                input.removeFirst(range.upperBound)
            case .needsMore(let consumed):
                input.removeFirst(consumed)
                return .needsMore
            case .end(let consumed):
                input.removeFirst(consumed)
                return .complete
            case .failed: return .malformed
            }
        }
        return .malformed
    }

    /// True exactly when the end of the stream is a proper end of the answer here.
    mutating func endOfStream() -> Bool {
        decoder?.endOfStream() ?? false
    }

    private mutating func beginBody() {
        // An interim response has no body; the final one follows (RFC 9110 §15.2).
        if head.status < 200 {
            parser.reset()
            head.reset()
            return
        }
        status = head.status
        decoder = BodyDecoder(head.framing(requestMethod: method), trailerLimits: MessageLimits())
    }

    /// The longest body that is taken: room for the status of a hundred thousand sites.
    private static let maximumBody = 128 << 20
}

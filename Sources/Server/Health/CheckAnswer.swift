internal import Bytes
internal import Config
internal import HTTP
internal import Telemetry

/// Reads the answer to a check and judges it.
///
/// One thread only; a class because a head cannot be copied.
final class CheckAnswer {
    private let check: HealthConfig
    private let method: Method
    private var parser = ResponseParser(limits: MessageLimits(headBytes: CheckAnswer.headLimit))
    private var head = ResponseHead()
    /// How many 1xx came.
    private var interimCount = 0
    /// Nil until the head has ended.
    private var decoder: BodyDecoder?
    private var trailers = FieldBlock()
    /// The body so far, as far as it is looked at.
    private var body: [UInt8] = []
    /// Where a search for the text goes on.
    private var searched = 0

    init(_ check: HealthConfig) {
        self.check = check
        method = check.method == .head ? .head : check.method == .options ? .options : .get
    }

    /// Takes what has come out of `input`.
    ///
    /// - Parameter isEnd: true exactly when nothing more comes.
    /// - Returns: the verdict; nil while more is needed.
    func take(_ input: inout ByteQueue, isEnd: Bool) -> CheckVerdict? {
        while decoder == nil {
            switch parser.parse(input.bytes, requestMethod: method, into: &head) {
            case .needsMore: return isEnd ? CheckAnswer.cut(input.isEmpty) : nil
            case .failed(let fault):
                return .failed(.malformed, "its answer is not HTTP/1.1: \(fault.reason)")
            case .complete(let consumed):
                input.removeFirst(consumed)
                if let verdict = judgeHead() { return verdict }
            }
        }
        return readBody(&input, isEnd: isEnd)
    }

    private static func cut(_ isEmpty: Bool) -> CheckVerdict {
        .failed(
            .closed,
            isEmpty ? "it closed without an answer" : "it closed in the middle of its answer")
    }

    /// Judges the head; interim ones are passed over (RFC 9110 §15.2).
    private func judgeHead() -> CheckVerdict? {
        let status = head.status
        if status < 200, status != 101, !check.status.contains(status) {
            interimCount += 1
            guard interimCount <= CheckAnswer.interimLimit else {
                return .failed(.malformed, "it sent too many interim answers")
            }
            parser.reset()
            return nil
        }
        guard check.status.contains(status) else {
            return .failed(.status, "it answered \(status), expected \(check.status)")
        }
        guard check.body != nil else { return .passed }
        decoder = BodyDecoder(
            head.framing(requestMethod: method), trailerLimits: MessageLimits())
        return nil
    }

    private func readBody(_ input: inout ByteQueue, isEnd: Bool) -> CheckVerdict? {
        while true {
            let step = decoder?.step(input.bytes, trailers: &trailers) ?? .end(consumed: 0)
            switch step {
            case .bytes(let range):
                append(input, range)
                input.removeFirst(range.upperBound)
                if containsText() { return .passed }
                guard body.count < CheckAnswer.bodyLimit else { return missing() }
            case .needsMore(let consumed):
                input.removeFirst(consumed)
                guard isEnd else { return nil }
                return decoder?.endOfStream() == true ? missing() : CheckAnswer.cut(false)
            case .end: return missing()
            case .failed(let fault):
                return .failed(.malformed, "its answer is not HTTP/1.1: \(fault.reason)")
            }
        }
    }

    private func append(_ input: borrowing ByteQueue, _ range: Range<Int>) {
        let room = CheckAnswer.bodyLimit - body.count
        let end = min(range.upperBound, range.lowerBound + room)
        let bytes = input.bytes
        for index in range.lowerBound..<end { body.append(bytes[index]) }
    }

    /// Looks for the text in what has come since the last time.
    private func containsText() -> Bool {
        let text = Array((check.body ?? "").utf8)
        while searched + text.count <= body.count {
            if body[searched..<(searched + text.count)].elementsEqual(text) { return true }
            searched += 1
        }
        return false
    }

    private func missing() -> CheckVerdict {
        let part = body.count < CheckAnswer.bodyLimit ? "its answer" : "the begin of its answer"
        return .failed(.body, "\(part) does not contain '\(check.body ?? "")'")
    }

    /// How large a head may be.
    private static let headLimit = 65_536
    /// How much of a body is looked at.
    static let bodyLimit = 65_536
    /// How many 1xx answers may come before the final one.
    static let interimLimit = 10
}

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
    private var text: SoughtText

    init(_ check: HealthConfig) {
        self.check = check
        text = SoughtText(check.body ?? "")
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
        if check.isInterim(head.status) {
            interimCount += 1
            guard interimCount <= CheckAnswer.interimLimit else { return .tooManyInterim }
            parser.reset()
            return nil
        }
        if let verdict = check.judge(head.status) { return verdict }
        decoder = BodyDecoder(
            head.framing(requestMethod: method), trailerLimits: MessageLimits())
        return nil
    }

    private func readBody(_ input: inout ByteQueue, isEnd: Bool) -> CheckVerdict? {
        while true {
            let step = decoder?.step(input.bytes, trailers: &trailers) ?? .end(consumed: 0)
            switch step {
            case .bytes(let range):
                let verdict = text.take(input.bytes(in: range))
                input.removeFirst(range.upperBound)
                if let verdict { return verdict }
            case .needsMore(let consumed):
                input.removeFirst(consumed)
                guard isEnd else { return nil }
                return decoder?.endOfStream() == true ? text.missing() : CheckAnswer.cut(false)
            case .end: return text.missing()
            case .failed(let fault):
                return .failed(.malformed, "its answer is not HTTP/1.1: \(fault.reason)")
            }
        }
    }

    /// How large a head may be.
    static let headLimit = 65_536
    /// How many 1xx answers may come before the final one.
    static let interimLimit = 10
}

extension HealthConfig {
    /// True exactly when another answer follows the one with this status.
    func isInterim(_ code: Int) -> Bool {
        code < 200 && code != 101 && !status.contains(code)
    }

    /// The verdict on a final status; nil where the answer's body decides.
    func judge(_ code: Int) -> CheckVerdict? {
        guard status.contains(code) else {
            return .failed(.status, "it answered \(code), expected \(status)")
        }
        return body == nil ? .passed : nil
    }
}

extension CheckVerdict {
    /// The verdict on a server that never comes to the point.
    static var tooManyInterim: CheckVerdict {
        .failed(.malformed, "it sent too many interim answers")
    }
}

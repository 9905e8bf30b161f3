import Testing

@testable import HTTP

/// What a server must do about some frames, in the manner of h2spec.
struct Conformance: Sendable, CustomTestStringConvertible {
    enum Outcome: Sendable {
        /// Neither GOAWAY nor RST_STREAM.
        case accepted
        /// GOAWAY with this code.
        case connection(HTTP2ErrorCode)
        /// RST_STREAM with this code on stream 1, and no GOAWAY.
        case stream(HTTP2ErrorCode, of: UInt32 = 1)
    }

    let name: String
    let frames: [UInt8]
    let outcome: Outcome
    /// Whether requests are answered once they have ended, so that their streams close.
    var answers = false

    init(_ name: String, _ frames: [UInt8]..., to outcome: Outcome, answers: Bool = false) {
        self.name = name
        self.frames = Array(frames.joined())
        self.outcome = outcome
        self.answers = answers
    }

    var testDescription: String { name }

    /// Feeds the frames whole, byte by byte, and cut at every point.
    func check() throws {
        // What is answered is answered when it has come: how the input is cut matters then.
        let boundary = 9 + (Int(frames[1]) << 8) + Int(frames[2])
        let whole = try run(answers ? [boundary, frames.count] : [frames.count])
        #expect(whole.verdict == expected, "\(name): \(whole.frames) \(whole.log)")
        let bytes = try run(Array(1...frames.count))
        if bytes != whole { Issue.record("\(name) byte by byte: \(bytes) is not \(whole)") }
        if answers { return }
        let cuts = frames.count > 3000 ? [1, 8, 9, 10, frames.count - 1] : Array(1..<frames.count)
        for cut in cuts {
            let parts = try run([cut, frames.count])
            if parts != whole { Issue.record("\(name) cut at \(cut): \(parts) is not \(whole)") }
        }
    }

    private var expected: String {
        switch outcome {
        case .accepted: "accepted"
        case .connection(let code): "connection \(code.label)"
        case .stream(let code, let stream): "stream \(stream) \(code.label)"
        }
    }

    struct Result: Equatable {
        var verdict: String
        var frames: [String]
        var log: [String]
    }

    private func run(_ ends: [Int]) throws -> Result {
        let probe = try HTTP2Probe.server()
        probe.answers = answers
        var written: [WireFrame] = []
        var start = 0
        for end in ends {
            probe.feed(Array(frames[start..<end]))
            written += probe.frames()
            start = end
        }
        return Result(
            verdict: Conformance.verdict(written), frames: written.map(\.description).sorted(),
            log: probe.log)
    }

    private static func verdict(_ frames: [WireFrame]) -> String {
        if let goAway = frames.first(where: { $0.type == 7 }) {
            let code = HTTP2ErrorCode(rawValue: goAway.number(at: 4))
            return "connection \(code.map { "\($0.label)" } ?? "unknown")"
        }
        if let reset = frames.first(where: { $0.type == 3 }) {
            let code = HTTP2ErrorCode(rawValue: reset.number(at: 0))
            return "stream \(reset.stream) \(code.map { "\($0.label)" } ?? "unknown")"
        }
        return "accepted"
    }
}

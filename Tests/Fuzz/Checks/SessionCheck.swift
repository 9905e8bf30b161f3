import Bytes
import HTTP

/// Connections of HTTP/2, from both ends.
public enum SessionCheck {
    /// Tries one input.
    public static func run(_ bytes: [UInt8]) throws(Broken) {
        guard let input = SessionInput(bytes) else { return }
        let wire = input.wire
        let whole = try listen(input, wire, arrivals(wire)[0])
        for ends in arrivals(wire).dropFirst() {
            let parts = try listen(input, wire, ends)
            let how = ends.count > 2 ? "byte by byte" : "cut at \(ends[0])"
            try require(parts.told == whole.told, "\(how) \(parts.told) is not \(whole.told)")
            let (fault, other) = (whole.fault, parts.fault)
            try require(
                fault == other, "\(how) \(text(other)) is not \(text(fault))")
            try require(
                parts.frames == whole.frames, "\(how) \(parts.frames) is not \(whole.frames)")
        }
        try converse(input)
    }

    private static func text(_ fault: HTTP2Fault?) -> String {
        fault.map { "\($0.label)" } ?? "no fault"
    }

    private struct Heard {
        var told: [SessionEvent]
        var fault: HTTP2Fault?
        var frames: [SentFrames.Frame]
    }

    /// A side that only listens: when something comes does not matter.
    private static func listen(
        _ input: SessionInput, _ wire: [UInt8], _ ends: [Int]
    ) throws(Broken) -> Heard {
        let run = try SessionRun(input, gathersEvents: true)
        try run.open()
        var start = 0
        for end in ends where end > start {
            try run.receive(Array(wire[start..<end]))
            start = end
        }
        let sent = try run.finish()
        let fault = run.session.fault
        // Once the peer has said goodbye and the last stream is over, nothing more is looked at;
        // how soon that is depends on when our RST_STREAM was written.
        if let last = run.told.firstIndex(where: \.isGoAway) {
            return Heard(told: Array(run.told[...last]), fault: nil, frames: [])
        }
        // A fault ends all streams; our own RST_STREAM is told when it is written, which it is no
        // more where the fault came with the same bytes.
        let told = fault == nil ? run.told : run.told.filter { !$0.isOurReset }
        return Heard(told: told, fault: fault, frames: sent.sorted(hasFault: fault != nil))
    }

    /// A side that answers, asks, waits and gives up, as the input says.
    private static func converse(_ input: SessionInput) throws(Broken) {
        let run = try SessionRun(input, gathersEvents: false)
        run.answers = input.answers
        run.consumes = true
        try run.open()
        for step in input.steps {
            switch step {
            case .sent(let bytes): try run.receive(bytes)
            case .done(let action): try run.act(action)
            }
            if input.answers { try run.write(upTo: 1 << 16) }
        }
        _ = try run.finish()
    }
}

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
            try require(parts.told == whole.told, "cut at \(ends) it tells something else")
            try require(parts.fault == whole.fault, "cut at \(ends) it has another fault")
            try require(parts.frames == whole.frames, "cut at \(ends) it says something else")
        }
        try converse(input)
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
        return Heard(told: run.told, fault: fault, frames: sent.sorted(hasFault: fault != nil))
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

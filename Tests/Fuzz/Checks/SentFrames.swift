/// What a session has written, as frames.
struct SentFrames {
    /// One frame.
    struct Frame: Hashable {
        var type: UInt8
        var flags: UInt8
        var stream: Int32
        var payload: [UInt8]
    }

    /// All frames in their order.
    private(set) var frames: [Frame] = []
    /// The payload of DATA, stream by stream.
    private(set) var payload: [Int32: [UInt8]] = [:]
    private var ended: Set<Int32> = []
    private var reset: Set<Int32> = []
    private var opened: Set<Int32> = []
    private var continued: Int32 = 0

    /// Reads what was written behind the preface; refuses what is no sequence of whole frames, and
    /// what RFC 9113 §5.1 does not let anybody send.
    init(_ bytes: ArraySlice<UInt8>) throws(Broken) {
        var rest = bytes
        while !rest.isEmpty {
            let head = Array(rest.prefix(9))
            try require(head.count == 9, "the output ends within a frame's head")
            rest = rest.dropFirst(9)
            let count = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
            try require(rest.count >= count, "the output ends within a frame")
            let stream = head[5...8].reduce(Int32(0)) { $0 << 8 | Int32($1) }
            let frame = Frame(
                type: head[3], flags: head[4], stream: stream, payload: Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
            try check(frame)
            frames.append(frame)
        }
        try require(continued == 0, "a field section is not ended")
    }

    /// On which streams HEADERS were sent.
    var answered: Set<Int32> { opened }

    /// The frames in an order that does not depend on when they were written; behind a fault
    /// GOAWAY alone, since what else was to be said is not said any more.
    func sorted(hasFault: Bool) -> [Frame] {
        let kept = hasFault ? frames.filter { $0.type == 7 } : frames
        return kept.sorted {
            ($0.stream, $0.type, $0.flags, $0.payload.count, $0.payload.hashText)
                < ($1.stream, $1.type, $1.flags, $1.payload.count, $1.payload.hashText)
        }
    }

    private mutating func check(_ frame: Frame) throws(Broken) {
        let isContinuation = frame.type == 9 && frame.stream == continued
        try require(
            continued == 0 ? frame.type != 9 : isContinuation, "a field section is cut: \(frame)")
        let isOfConnection = [4, 6, 7].contains(frame.type)
        try require(
            frame.type == 8 || isOfConnection == (frame.stream == 0), "a wrong stream: \(frame)")
        let isLate = reset.contains(frame.stream)
        try require(!isLate, "a frame behind RST_STREAM: \(frame)")
        switch frame.type {
        case 0, 1: try checkMessage(frame)
        case 3:
            try require(frame.payload.count == 4, "a wrong RST_STREAM")
            reset.insert(frame.stream)
        case 4: try require(frame.payload.count % 6 == 0, "wrong SETTINGS")
        case 6: try require(frame.payload.count == 8, "a wrong PING")
        case 7: try require(frame.payload.count >= 8, "a wrong GOAWAY")
        case 8:
            let isMore = frame.payload.count == 4 && frame.payload != [0, 0, 0, 0]
            try require(isMore, "a wrong WINDOW_UPDATE")
        case 9: if frame.flags & 4 != 0 { continued = 0 }
        default: throw Broken("nobody sends \(frame)")
        }
    }

    private mutating func checkMessage(_ frame: Frame) throws(Broken) {
        try require(!ended.contains(frame.stream), "a frame behind the end: \(frame)")
        try require(frame.flags & 8 == 0, "padding, which nobody asked for: \(frame)")
        if frame.flags & 1 != 0 { ended.insert(frame.stream) }
        if frame.type == 1 {
            opened.insert(frame.stream)
            if frame.flags & 4 == 0 { continued = frame.stream }
        } else {
            try require(opened.contains(frame.stream), "DATA before HEADERS: \(frame)")
            // The end alone is no payload.
            if !frame.payload.isEmpty { payload[frame.stream, default: []] += frame.payload }
        }
    }
}

extension [UInt8] {
    /// The bytes in an order of their own.
    fileprivate var hashText: String { String(decoding: self, as: UTF8.self) }
}

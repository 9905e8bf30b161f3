import Bytes
import HTTP

/// Bodies in chunks, with their trailers.
public enum BodyCheck {
    /// Tries one input.
    public static func run(_ bytes: [UInt8]) throws(Broken) {
        let whole = ReadBody(bytes, arrivals(bytes)[0])
        for ends in arrivals(bytes).dropFirst() {
            try require(ReadBody(bytes, ends) == whole, "cut at \(ends) it is another body")
        }
        guard case .complete(let rest) = whole.end else { return }
        try whole.trailers.requireClean()
        var queue = ByteQueue()
        whole.write(to: &queue)
        let written = copy(queue.bytes)
        let again = ReadBody(written, [written.count])
        try require(again.end == .complete(rest: 0), "written again: \(again.end)")
        try require(again.payload == whole.payload, "written again it has another payload")
        let prefix = Array(bytes.dropLast(rest))
        let alone = ReadBody(prefix, [prefix.count])
        try require(alone.end == .complete(rest: 0), "what follows decides on the end")
        let short = ReadBody(prefix, [prefix.count - 1])
        try require(short.end == .unfinished, "it ends before its last byte")
    }
}

/// What was made of a body.
private struct ReadBody: Equatable {
    enum End: Equatable {
        case complete(rest: Int)
        case unfinished
        case failed(HTTPFault)
    }

    var payload: [UInt8] = []
    var trailers = ReadFields(FieldBlock())
    var end = End.unfinished

    /// Reads a body of which more and more comes, and keeps unconsumed input as a connection does.
    init(_ bytes: [UInt8], _ ends: [Int]) {
        var decoder = BodyDecoder(.chunked, trailerLimits: .init())
        var block = FieldBlock()
        var start = 0
        for limit in ends where end == .unfinished {
            feed: while true {
                switch decoder.step(bytes.span.extracting(start..<limit), trailers: &block) {
                case .bytes(let range):
                    payload += bytes[(start + range.lowerBound)..<(start + range.upperBound)]
                    start += range.upperBound
                case .needsMore(let consumed):
                    start += consumed
                    break feed
                case .end(let consumed):
                    start += consumed
                    trailers = ReadFields(block)
                    end = .complete(rest: bytes.count - start)
                    break feed
                case .failed(let fault):
                    end = .failed(fault)
                    break feed
                }
            }
        }
    }

    /// Writes the body as a backend gets it.
    func write(to queue: inout ByteQueue) {
        if !payload.isEmpty {
            MessageWriter.appendChunkHeader(size: payload.count, to: &queue)
            queue.append(payload.span)
            MessageWriter.appendChunkEnd(to: &queue)
        }
        var block = FieldBlock()
        for index in trailers.names.indices {
            let (name, value) = (trailers.names[index], trailers.values[index])
            block.append(name: name.span, value: value.span)
        }
        MessageWriter.appendLastChunk(trailers: block, to: &queue)
    }
}

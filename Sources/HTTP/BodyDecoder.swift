internal import Bytes

/// Walks a message's body without copying it, and knows where it ends (RFC 9112 §6, RFC 9112 §7).
public struct BodyDecoder: Sendable {
    /// What stands at the begin of the input.
    public enum Step: Equatable, Sendable {
        /// Payload, at least one byte; what ends before `upperBound` is consumed.
        case bytes(Range<Int>)
        /// Nothing more can be told without more input; so many bytes are consumed.
        case needsMore(consumed: Int)
        /// The body has ended; so many bytes are consumed, and what follows is another message.
        case end(consumed: Int)
        /// The sender broke a rule.
        case failed(HTTPFault)
    }

    private enum State: Equatable, Sendable {
        case length(Int64)
        case untilClose
        case chunkSize(value: UInt64, digits: Int)
        case chunkExtension(ChunkExtension)
        case chunkSizeLineFeed
        case chunkData(UInt64)
        case chunkCarriageReturn
        case chunkLineFeed
        case trailers(count: Int)
        case complete
    }

    private var state: State
    private var size: UInt64 = 0
    /// Invariant: the bytes of all extensions so far are at most `extensionLimit`.
    private var extensionBytes = 0
    private let limits: MessageLimits

    /// Begins a body.
    public init(_ framing: BodyFraming, trailerLimits: MessageLimits) {
        limits = trailerLimits
        switch framing {
        case .none: state = .complete
        case .length(let length): state = length == 0 ? .complete : .length(length)
        case .chunked: state = .chunkSize(value: 0, digits: 0)
        case .untilClose: state = .untilClose
        }
    }

    /// True exactly when the body has ended.
    public var isComplete: Bool { state == .complete }

    /// How many bytes are still to come, where that is known.
    public var remaining: Int64? {
        if case .length(let left) = state { left } else { nil }
    }

    /// The sender has closed: true exactly when that is a proper end.
    public mutating func endOfStream() -> Bool {
        if state == .untilClose { state = .complete }
        return state == .complete
    }

    /// Says what stands at the begin of `bytes`; call again with what is left until it is not
    /// `.bytes`.
    public mutating func step(_ bytes: Span<UInt8>, trailers: inout FieldBlock) -> Step {
        switch state {
        case .complete: return .end(consumed: 0)
        case .length(let left):
            guard !bytes.isEmpty else { return .needsMore(consumed: 0) }
            let count = Int(clamping: min(left, Int64(bytes.count)))
            state = Int64(count) == left ? .complete : .length(left - Int64(count))
            return .bytes(0..<count)
        case .untilClose:
            return bytes.isEmpty ? .needsMore(consumed: 0) : .bytes(0..<bytes.count)
        case .chunkSize, .chunkExtension, .chunkSizeLineFeed, .chunkData, .chunkCarriageReturn,
            .chunkLineFeed:
            return walkChunks(bytes, &trailers)
        case .trailers(let count):
            return walkTrailers(bytes, from: 0, counted: count, &trailers)
        }
    }

    private mutating func walkChunks(_ bytes: Span<UInt8>, _ trailers: inout FieldBlock) -> Step {
        var position = 0
        while position < bytes.count {
            if case .chunkData(let left) = state {
                let count = Int(clamping: min(left, UInt64(bytes.count - position)))
                state =
                    UInt64(count) == left ? .chunkCarriageReturn : .chunkData(left - UInt64(count))
                return .bytes(position..<(position + count))
            }
            if let fault = takeFramingByte(bytes[position]) { return .failed(fault) }
            position += 1
            if case .trailers = state {
                return walkTrailers(bytes, from: position, counted: 0, &trailers)
            }
        }
        return .needsMore(consumed: position)
    }

    /// One byte of what stands around the payload: `size [extensions] CRLF`, and CRLF behind the
    /// data.
    private mutating func takeFramingByte(_ byte: UInt8) -> HTTPFault? {
        switch state {
        case .chunkSize(let value, let digits):
            if let digit = byte.hexadecimalValue {
                // Sixteen digits fill 64 bits; what is longer overflows somewhere.
                guard digits < 16 else { return .badChunkSize }
                state = .chunkSize(value: value << 4 | UInt64(digit), digits: digits + 1)
                return nil
            }
            guard digits > 0, value <= UInt64(Int64.max) else { return .badChunkSize }
            size = value
            if byte == 0x0d {
                state = .chunkSizeLineFeed
            } else if byte == UInt8(ascii: ";") {
                state = .chunkExtension(ChunkExtension())
            } else {
                return .badChunkSize
            }
        case .chunkExtension(var reader):
            if byte == 0x0d {
                guard reader.isComplete else { return .badChunkExtension }
                state = .chunkSizeLineFeed
            } else {
                guard extensionBytes < BodyDecoder.extensionLimit, reader.take(byte) else {
                    return .badChunkExtension
                }
                extensionBytes += 1
                state = .chunkExtension(reader)
            }
        case .chunkSizeLineFeed:
            guard byte == 0x0a else { return .bareLineEnd }
            state = size == 0 ? .trailers(count: 0) : .chunkData(size)
        case .chunkCarriageReturn:
            guard byte == 0x0d else { return .badChunkEnd }
            state = .chunkLineFeed
        case .chunkLineFeed:
            guard byte == 0x0a else { return .badChunkEnd }
            state = .chunkSize(value: 0, digits: 0)
        case .length, .untilClose, .chunkData, .trailers, .complete:
            break
        }
        return nil
    }

    /// Whole lines only: what is left of a line waits in the input.
    private mutating func walkTrailers(
        _ bytes: Span<UInt8>, from start: Int, counted: Int, _ trailers: inout FieldBlock
    ) -> Step {
        var position = start
        var counted = counted
        while let lineFeed = bytes.firstIndex(of: 0x0a, from: position) {
            if lineFeed == position + 1, bytes[position] == 0x0d {
                state = .complete
                return .end(consumed: lineFeed + 1)
            }
            // First the size, then the form: fed byte by byte, the size is known before the line's
            // end.
            counted += lineFeed + 1 - position
            if counted > limits.trailerBytes { return .failed(.trailerTooLarge) }
            guard lineFeed > position, bytes[lineFeed - 1] == 0x0d else {
                return .failed(.bareLineEnd)
            }
            if trailers.count >= limits.fieldCount { return .failed(.trailerTooLarge) }
            let line = bytes.extracting(position..<(lineFeed - 1))
            if let fault = BodyDecoder.appendTrailer(line, to: &trailers) { return .failed(fault) }
            position = lineFeed + 1
        }
        state = .trailers(count: counted)
        let pending = bytes.count - position
        // CR alone may be the begin of the empty line, which does not count.
        let mayBeEnd = pending == 1 && bytes[position] == 0x0d
        return !mayBeEnd && counted + pending > limits.trailerBytes
            ? .failed(.trailerTooLarge) : .needsMore(consumed: position)
    }

    /// RFC 9110 §6.5.1: fields that frame or route a message have no place behind it; they are
    /// refused, because a recipient that merges trailers into the head would be deceived.
    private static func appendTrailer(_ line: Span<UInt8>, to trailers: inout FieldBlock)
        -> HTTPFault?
    {
        if let fault = trailers.appendLine(line) { return FieldLines.cause(of: fault, in: line) }
        return forbiddenTrailers.contains(trailers.id(trailers.count - 1)) ? .badTrailer : nil
    }

    /// What no trailer section may have.
    static let forbiddenTrailers = FieldNameSet([
        .host, .contentLength, .transferEncoding, .connection, .te, .trailer, .upgrade, .keepAlive,
        .contentType, .contentEncoding, .contentRange, .via, .http2Settings, .proxyAuthenticate,
        .proxyConnection, .authorization, .proxyAuthorization, .cookie, .expect, .forwarded,
        .xForwardedFor,
        .xForwardedProto, .xForwardedHost, .xRealIP, .earlyData,
        .clientCert, .clientCertChain, .xForwardedClientCert,
    ])

    /// Bytes of the extensions of all chunks of one body. They are dropped, so they would let a
    /// peer send without end what no limit on bodies counts (RFC 9112 §7.1.1).
    ///
    /// The rest of a chunk's frame needs no such bound: it has at most 20 bytes and buys at least
    /// one byte of payload, which is counted, and whoever streams byte by byte sends it so.
    private static let extensionLimit = 16_384
}

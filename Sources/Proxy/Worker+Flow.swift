internal import Bytes
internal import HTTP

/// How much is moved at a time.
///
/// Each piece of a large body wakes those at both ends, which costs more than the bytes: where the
/// receiver has taken all so far, pieces are larger. A piece that a receiver stops taking is memory
/// that is held, and a long one lets others wait, so that they are larger only where few bring much
/// and memory is not scarce.
extension Worker {
    /// How many records' worth is moved at a time to a socket with this meter.
    func recordsPerTurn(towards flow: FlowMeter?) -> Int {
        guard flow?.isSteady == true, pressure == .none,
            let buffer = installed?.snapshot.settings.bufferBytes
        else { return Worker.recordsPerTurn }
        let share = Worker.recordsPerFlow * 2 / max(largeReads.last, largeReads.now, 2)
        return max(Worker.recordsPerTurn, min(share, buffer * 4 / RecordSizer.largeBytes))
    }

    /// How much is read of a server at a time: what becomes whole records for its client.
    func readLimit(_ upstream: UpstreamConnection) -> Int {
        // Most bring little.
        guard upstream.bringsMuch else {
            return upstream.speaksTLS
                ? Worker.recordsPerTurn * RecordSizer.sealedBytes : Worker.bytesPerTurn
        }
        let link = upstream.exchange?.link
        let recordBytes =
            upstream.speaksTLS
            ? RecordSizer.sealedBytes
            : link?.sealsInPlace == true ? HTTP2Link.sealedPiece : RecordSizer.largeBytes
        // Each of many streams could stop taking what was read for it, and one whose window is shut
        // has.
        let isOpen = link.map { $0.count <= Worker.flowingStreams && upstream.inbound.isEmpty }
        guard isOpen != false else { return Worker.recordsPerTurn * recordBytes }
        return recordsPerTurn(towards: upstream.exchange?.downstream?.flow) * recordBytes
    }

    /// How much is read of a client at a time. A head is small: only bodies are read in large
    /// pieces.
    func readLimit(_ connection: DownstreamConnection) -> Int {
        if connection.phase == .proxyProtocol { return ProxyHeader.longestBinary }
        guard
            connection.isTLS || connection.exchange?.isBegun == true
                || connection.phase == .tunnel
        else { return 16_384 }
        let records =
            connection.bringsMuch
            ? recordsPerTurn(towards: connection.exchange?.upstream?.flow) : Worker.recordsPerTurn
        return records * (connection.isTLS ? RecordSizer.sealedBytes : RecordSizer.largeBytes)
    }

    /// Counts a read of so many bytes; true exactly when they fill a turn's records.
    mutating func bringsMuch(_ count: Int) -> Bool {
        guard count >= HTTP2Link.fullBytes else { return false }
        largeReads.now += 1
        return true
    }

    /// How many bytes are read from a connection at a time where nothing else is known of it.
    static let bytesPerTurn = recordsPerTurn * RecordSizer.largeBytes
    /// How many bytes wait at most for a client whose connection can still be asked for more.
    static let mostWaiting = recordsPerFlow * RecordSizer.largeBytes + bytesPerTurn
    /// How many records a turn's bytes fill.
    static let recordsPerTurn = 4
    /// The same where the other end has taken all so far, and one or two bring much.
    private static let recordsPerFlow = 16
    /// How many streams a connection has at most where they are read so.
    private static let flowingStreams = 2
}

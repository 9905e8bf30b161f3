internal import Synchronization

/// The last handshakes that failed, for whoever asks why. Any thread.
///
/// Workers put in a sample only, so that no flood of failures makes them wait for each other.
public final class HandshakeFailureRing: Sendable {
    private struct State {
        var records: [HandshakeFailureRecord] = []
        /// Where the oldest stands, once there is no more room.
        var oldest = 0
    }

    private let state = Mutex(State())

    /// Makes an empty ring.
    public init() {}

    /// Takes in a failure in place of the oldest.
    public func append(_ record: HandshakeFailureRecord) {
        state.withLock { state in
            if state.records.count < HandshakeFailureRing.capacity {
                state.records.append(record)
            } else {
                state.records[state.oldest] = record
                state.oldest = (state.oldest + 1) % HandshakeFailureRing.capacity
            }
        }
    }

    /// All that are kept, the newest first.
    public var newestFirst: [HandshakeFailureRecord] {
        state.withLock { state in
            Array((state.records[state.oldest...] + state.records[..<state.oldest]).reversed())
        }
    }

    /// How many are kept.
    static let capacity = 64
}

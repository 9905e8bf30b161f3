/// Counts what a peer sends in an established session that costs work and carries nothing.
struct IdleMessages {
    /// KeyUpdates that came since the last application data (RFC 8446 §4.6.3).
    private var run = 0
    /// How far the run got in this turn: bytes at the end of much input would hide it.
    private var longestRun = 0
    /// Renegotiations that were refused, each with an alert (RFC 5246 §7.2.2): bytes make up for
    /// none, since alerts to a peer that does not read them fill memory.
    private var refusals = 0

    /// Records with next to nothing in them that were not taken note of yet.
    private var tinyRecords = 0
    /// Bytes that went either way and that no tiny record has been set off against.
    private var carriedBytes = 0

    /// How many are too many.
    private var limit = Int.max

    /// What to judge the peer by after a turn.
    var count: Int { longestRun + refusals }

    /// True exactly when so many have come that the rest of the turn's input is not looked at.
    var isExhausted: Bool { count >= limit }

    /// More input has come.
    ///
    /// - Parameter limit: how many messages that carry nothing are too many.
    mutating func beginTurn(limit: Int = .max) {
        longestRun = 0
        self.limit = limit
    }

    /// A KeyUpdate has come.
    mutating func noteKeyUpdate() {
        run += 1
        longestRun = max(longestRun, run)
    }

    /// A renegotiation was refused.
    mutating func noteRefusal() { refusals += 1 }

    /// A record with so many bytes of application data has come.
    mutating func noteRecord(bytes: Int) {
        run = 0
        if bytes < IdleMessages.tinyBytes {
            tinyRecords += 1
        } else {
            noteCarried(bytes)
        }
    }

    /// So many bytes of application data went either way: a client that downloads acknowledges with
    /// small frames, one for each few KiB.
    mutating func noteCarried(_ bytes: Int) {
        carriedBytes = min(carriedBytes + bytes, IdleMessages.mostCarried)
    }

    /// How many tiny records came since the last call, beyond those that carried bytes allow.
    mutating func takeTinyRecords() -> Int {
        guard tinyRecords > 0 else { return 0 }
        let allowed = min(tinyRecords, carriedBytes / IdleMessages.bytesPerRecord)
        carriedBytes -= allowed * IdleMessages.bytesPerRecord
        defer { tinyRecords = 0 }
        return tinyRecords - allowed
    }

    /// A record of fewer bytes costs more than they are worth: its decryption takes as long as that
    /// of some KiB.
    static let tinyBytes = 64
    /// How many carried bytes allow one tiny record.
    static let bytesPerRecord = 1_024
    /// A peer that has carried very much has not earned a flood.
    static let mostCarried = 16 << 20
}

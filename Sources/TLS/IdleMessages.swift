/// Counts what a peer sends in an established session that costs work and carries nothing.
struct IdleMessages {
    /// KeyUpdates that came since the last application data (RFC 8446 §4.6.3).
    private var run = 0
    /// How far the run got in this turn: bytes at the end of much input would hide it.
    private var longestRun = 0
    /// Renegotiations that were refused, each with an alert (RFC 5246 §7.2.2): bytes make up for
    /// none, since alerts to a peer that does not read them fill memory.
    private var refusals = 0

    /// What to judge the peer by after a turn.
    var count: Int { longestRun + refusals }

    /// More input has come.
    mutating func beginTurn() { longestRun = 0 }

    /// A KeyUpdate has come.
    mutating func noteKeyUpdate() {
        run += 1
        longestRun = max(longestRun, run)
    }

    /// A renegotiation was refused.
    mutating func noteRefusal() { refusals += 1 }

    /// Application data has come.
    mutating func endRun() { run = 0 }
}

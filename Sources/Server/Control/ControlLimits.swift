/// What one request to the control plane may cost.
struct ControlLimits: Sendable {
    /// The absolute time from the accept to the end of the request, so that a client that drips
    /// cannot hold a thread.
    var deadline: Duration = .seconds(10)

    /// How long a client may be silent before its first byte: a browser opens connections on
    /// suspicion, and each would hold a thread.
    var silence: Duration = .seconds(2)

    /// How long it may be silent while others wait to be accepted.
    var crowdedSilence: Duration = .milliseconds(100)

    /// The longest body that is read into memory, in bytes.
    var bodyBytes = 1 << 20

    /// How many requests are served at once.
    var threads = 4

    /// How long an answer to a client that broke a limit, and the wait for its end, may take.
    var closing: Duration = .seconds(1)
}

/// Whether a socket has taken all that it was given for a while, so that it may be given more at a
/// time.
struct FlowMeter {
    /// How much was taken since there was last no room; counted up to where it is enough.
    private var taken = 0

    /// The kernel took so many bytes; `isAll` is true exactly when nothing of what it was given is
    /// left.
    mutating func took(_ count: Int, isAll: Bool) {
        taken = isAll ? min(taken + count, FlowMeter.steadyBytes) : 0
    }

    /// True exactly when nothing has been in the way for half a MiB.
    var isSteady: Bool { taken == FlowMeter.steadyBytes }

    /// A peer over a network that reads nothing has filled the kernel's buffers before that.
    static let steadyBytes = 524_288
}

/// How large the head of a message may be, so that a peer cannot make us hold more.
public struct MessageLimits: Sendable, Equatable {
    /// The bytes of start line and fields, their line ends included.
    public var headBytes: Int
    /// How many fields.
    public var fieldCount: Int
    /// The bytes of a trailer section.
    public var trailerBytes: Int

    /// Sets the limits.
    public init(headBytes: Int = 65_536, fieldCount: Int = 100, trailerBytes: Int = 8192) {
        self.headBytes = headBytes
        self.fieldCount = fieldCount
        self.trailerBytes = trailerBytes
    }
}

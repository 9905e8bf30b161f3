/// How large the head of a message may be, so that a peer cannot make us hold more.
public struct MessageLimits: Sendable, Equatable {
    /// The bytes of start line and fields, all line ends up to the last included.
    public var headBytes: Int
    /// How many fields, and how many names in `Connection`.
    public var fieldCount: Int
    /// The bytes of a trailer section, the empty line that ends it not included.
    public var trailerBytes: Int

    /// Sets the limits.
    public init(headBytes: Int = 65_536, fieldCount: Int = 100, trailerBytes: Int = 8192) {
        self.headBytes = headBytes
        self.fieldCount = fieldCount
        self.trailerBytes = trailerBytes
    }
}

/// What went wrong in a test's own machinery, in words.
public struct TestFailure: Error, CustomStringConvertible {
    /// The words.
    public let description: String

    /// Says what went wrong.
    public init(_ description: String) { self.description = description }
}

/// A text of the configuration and where it stands, for what only others can judge.
public struct MarkedText: Sendable, Equatable {
    /// The text as the operator wrote it.
    public var text: String

    /// Where it stands in the file.
    public var mark: SourceMark

    /// Makes the value.
    public init(_ text: String, mark: SourceMark = SourceMark()) {
        self.text = text
        self.mark = mark
    }
}

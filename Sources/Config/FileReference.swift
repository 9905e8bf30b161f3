/// A file that the configuration names.
public struct FileReference: Sendable, Equatable {
    /// The path; relative only where the path of the configuration file is.
    public var path: String

    /// Where it is named.
    public var mark: SourceMark

    /// Makes the value.
    public init(path: String, mark: SourceMark = SourceMark()) {
        self.path = path
        self.mark = mark
    }
}

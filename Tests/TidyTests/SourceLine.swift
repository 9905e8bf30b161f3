/// One line of a source file, split into what the compiler reads and what people read.
struct SourceLine {
    /// The line as it stands, without its end.
    let text: String
    /// The line with comments and the contents of string literals replaced by spaces.
    let code: String
    /// The line with everything else replaced by spaces.
    let prose: String
    /// True exactly when the line holds a comment and no code.
    let isComment: Bool
    /// True exactly when nothing but white space is on the line.
    var isBlank: Bool { text.allSatisfy(\.isWhitespace) }
}

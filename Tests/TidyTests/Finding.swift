import Testing

/// A place in the tree that breaks a house rule.
struct Finding: Equatable, CustomStringConvertible {
    /// The path from the root of the repository.
    let file: String
    /// From 1; 1 also for what concerns the whole file.
    let line: Int
    /// What the rule says, and what to do.
    let rule: String

    /// In compiler form, so that editors jump there.
    var description: String { "\(file):\(line): \(rule)" }

    /// Fails the running test once for each finding.
    static func report(_ findings: [Finding]) {
        for finding in findings { Issue.record(Comment(rawValue: finding.description)) }
    }
}

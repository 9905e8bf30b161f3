/// What decoding knows besides the node at hand: the way to it, and what has been found so far.
struct DecodingContext {
    private enum Step {
        case key(String)
        case item(Int)
    }

    /// The file as the operator named it.
    let file: String

    private var steps: [Step] = []
    private var found: [Diagnostic] = []

    /// How many more names are compared for suggestions: a file full of mistakes stays linear.
    private var remainingComparisons = 50_000

    /// Begins at the root of `file`.
    init(file: String) { self.file = file }

    /// Everything reported, in the order of the text.
    var diagnostics: [Diagnostic] {
        found.enumerated()
            .sorted { left, right in
                let (first, second) = (left.element, right.element)
                return (first.line, first.column, left.offset)
                    < (second.line, second.column, right.offset)
            }
            .map(\.element)
    }

    /// True exactly when an error has been reported.
    var hasErrors: Bool { found.contains { $0.severity == .error } }

    /// The way to the node at hand, such as `sites[0].routes[2]`; empty at the root.
    var path: String {
        var path = ""
        for step in steps {
            switch step {
            case .key(let name): path += path.isEmpty ? name : ".\(name)"
            case .item(let index): path += "[\(index)]"
            }
        }
        return path
    }

    /// Reports an error.
    mutating func error(_ message: String, at mark: SourceMark) {
        found.append(Diagnostic(.error, file: file, mark: mark, message: message))
    }

    /// Reports something that can be served, but is probably not meant.
    mutating func warning(_ message: String, at mark: SourceMark) {
        found.append(Diagnostic(.warning, file: file, mark: mark, message: message))
    }

    /// Reports that `node` is not what is needed here, unless that has been reported.
    mutating func mismatch(_ expected: String, _ node: YAMLNode) {
        if case .unreadable = node.content { return }
        let place = path.isEmpty ? "" : " for \(quoted(path))"
        error("expected \(expected)\(place), found \(node.found)", at: node.mark)
    }

    /// Does `body` one level down, at a key.
    mutating func at<Result>(
        key: String, _ body: (inout DecodingContext) -> Result
    ) -> Result {
        steps.append(.key(key))
        defer { steps.removeLast() }
        return body(&self)
    }

    /// Does `body` one level down, at an item of a list.
    mutating func at<Result>(
        item: Int, _ body: (inout DecodingContext) -> Result
    ) -> Result {
        steps.append(.item(item))
        defer { steps.removeLast() }
        return body(&self)
    }

    /// The end of a message about an unknown name: `; did you mean '…'?`, or nothing.
    mutating func suggestion(for name: String, among candidates: [String]) -> String {
        remainingComparisons -= candidates.count
        guard remainingComparisons >= 0,
            let nearest = Spelling.nearest(to: name, among: candidates)
        else { return "" }
        return "; did you mean \(quoted(nearest))?"
    }

    /// A path of the file: relative ones are relative to the directory of the configuration.
    func resolved(_ path: String) -> String {
        guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
        return file[...slash] + path
    }
}

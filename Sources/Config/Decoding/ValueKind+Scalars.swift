extension ValueKind {
    /// A text that `parse` understands, with or without quotes.
    static func parsed(
        _ expected: String, _ parse: @escaping @Sendable (String) -> Value?
    ) -> ValueKind {
        ValueKind { node, context in
            guard case .scalar(let text, _) = node.content, !node.isNull,
                let value = parse(text)
            else {
                context.mismatch(expected, node)
                return nil
            }
            return value
        }
    }
}

extension ValueKind<String> {
    /// A text that is not empty; what YAML takes for a number or a boolean needs quotes.
    static func text(_ expected: String) -> ValueKind {
        ValueKind { node, context in
            guard case .scalar(let text, _) = node.content, !node.isNull, !text.isEmpty else {
                context.mismatch(expected, node)
                return nil
            }
            guard !node.isNumberOrBoolean else {
                context.mismatch("\(expected) (in quotes)", node)
                return nil
            }
            return text
        }
    }

    /// The path of a file, resolved against the directory of the configuration.
    static let path = ValueKind<String> { node, context in
        ValueKind.text("the path of a file").decode(node, &context).map(context.resolved)
    }
}

extension ValueKind<FileReference?> {
    /// The path of a file, resolved against the directory of the configuration, or `off`.
    static let fileOrOff = ValueKind { node, context in
        ValueKind<String>.text("the path of a file, or off").decode(node, &context).map {
            $0 == "off" ? nil : FileReference(path: context.resolved($0), mark: node.mark)
        }
    }
}

extension ValueKind<Bool> {
    /// `true` or `false`, not in quotes.
    static let boolean = ValueKind { node, context in
        switch node.content {
        case .scalar("true", .plain), .scalar("true", .substituted): return true
        case .scalar("false", .plain), .scalar("false", .substituted): return false
        default:
            context.mismatch("true or false", node)
            return nil
        }
    }

    /// `on` or `off`, as what else can be off is switched.
    static let onOrOff = ValueKind { node, context in
        switch node.content {
        case .scalar("on", _): return true
        case .scalar("off", _): return false
        default:
            context.mismatch("on or off", node)
            return nil
        }
    }
}

extension ValueKind<Int> {
    /// A whole number in `range`, not in quotes.
    static func integer(_ range: ClosedRange<Int>) -> ValueKind { integer(range, or: "") }

    /// A number of bytes in `range`.
    static func size(_ range: ClosedRange<Int>) -> ValueKind { size(range, or: "") }

    /// A whole number; `alternative` ends what a message says is expected.
    fileprivate static func integer(_ range: ClosedRange<Int>, or alternative: String) -> ValueKind
    {
        let expected =
            "a whole number from \(range.lowerBound) to \(range.upperBound)\(alternative)"
        return ValueKind { node, context in
            guard case .scalar(let text, let style) = node.content, style != .quoted,
                let number = Int(text), range.contains(number)
            else {
                context.mismatch(expected, node)
                return nil
            }
            return number
        }
    }

    /// A number of bytes; `alternative` ends what a message says is expected.
    fileprivate static func size(_ range: ClosedRange<Int>, or alternative: String) -> ValueKind {
        let parsed = ValueKind.parsed(
            "a size such as 512, 16KiB or 1MiB\(alternative)", ByteSize.parse)
        return ValueKind { node, context in
            guard let size = parsed.decode(node, &context) else { return nil }
            guard range.contains(size) else {
                let least = ByteSize.spelling(of: range.lowerBound)
                let most = ByteSize.spelling(of: range.upperBound)
                context.mismatch("a size from \(least) to \(most)\(alternative)", node)
                return nil
            }
            return size
        }
    }
}

extension ValueKind<Int?> {
    /// A whole number in `range`, or a word that means nil.
    static func integer(_ range: ClosedRange<Int>, orWord word: String) -> ValueKind {
        ValueKind.optional(.integer(range, or: " or \(word)")).or(word, nil)
    }

    /// A number of bytes in `range`, or a word that means nil.
    static func size(_ range: ClosedRange<Int>, orWord word: String) -> ValueKind {
        ValueKind.optional(.size(range, or: " or \(word)")).or(word, nil)
    }
}

extension ValueKind<MemoryLimitConfig> {
    /// A number of bytes in `range`, `auto` or `off`.
    static func memory(_ range: ClosedRange<Int>) -> ValueKind {
        ValueKind<Int>.size(range, or: ", auto or off").map { .bytes($0) }
            .or("auto", .auto).or("off", .off)
    }
}

extension ValueKind<Duration> {
    /// A duration in `range`.
    static func duration(_ range: ClosedRange<Duration>) -> ValueKind {
        ValueKind { node, context in
            let expected = "a duration such as 250ms, 5s, 1m, 12h or 7d"
            let parsed = ValueKind.parsed(expected, DurationText.parse)
            guard let duration = parsed.decode(node, &context) else { return nil }
            guard range.contains(duration) else {
                let least = DurationText.spelling(of: range.lowerBound)
                let most = DurationText.spelling(of: range.upperBound)
                context.mismatch("a duration from \(least) to \(most)", node)
                return nil
            }
            return duration
        }
    }
}

extension ValueKind where Value: RawRepresentable<String> & CaseIterable {
    /// One of a few words.
    static var choice: ValueKind {
        ValueKind { node, context in
            let words = Value.allCases.map(\.rawValue)
            guard case .scalar(let text, _) = node.content, let value = Value(rawValue: text) else {
                var expected = words.dropLast().joined(separator: ", ")
                expected += " or \(words.last ?? "")"
                guard case .scalar(let text, _) = node.content, !node.isNull else {
                    context.mismatch(expected, node)
                    return nil
                }
                let place = context.path
                let suggestion = context.suggestion(for: text, among: words)
                context.error(
                    "expected \(expected) for \(quoted(place)), found \(quoted(text))\(suggestion)",
                    at: node.mark)
                return nil
            }
            return value
        }
    }
}

/// Which statuses of a response are good: codes and classes.
public struct StatusSet: Sendable, Hashable {
    /// The codes, in ranges, as they were listed.
    public let ranges: [ClosedRange<Int>]

    /// Takes in ranges of codes.
    public init(_ ranges: [ClosedRange<Int>]) {
        self.ranges = ranges
    }

    /// True exactly when the status is one of them.
    public func contains(_ status: Int) -> Bool {
        ranges.contains { $0.contains(status) }
    }

    /// 2xx and 3xx: what nginx and HAProxy take for an answer of a server that is well.
    public static let successful = StatusSet([200...299, 300...399])

    /// Reads `200` or `2xx`; nil for what is no status.
    static func range(_ text: String) -> ClosedRange<Int>? {
        let digits = Array(text.utf8)
        guard digits.count == 3, let first = text.first?.wholeNumberValue, (1...5).contains(first)
        else { return nil }
        if text.dropFirst() == "xx" { return (first * 100)...(first * 100 + 99) }
        guard digits.allSatisfy({ (0x30...0x39).contains($0) }), let code = Int(text) else {
            return nil
        }
        return code...code
    }
}

extension StatusSet: CustomStringConvertible {
    /// `200`, `2xx` or `2xx or 3xx`.
    public var description: String {
        let texts = ranges.map { range in
            range.count == 100 ? "\(range.lowerBound / 100)xx" : "\(range.lowerBound)"
        }
        guard let last = texts.last, texts.count > 1 else { return texts.first ?? "no status" }
        return texts.dropLast().joined(separator: ", ") + " or " + last
    }
}

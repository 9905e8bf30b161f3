import TestSupport

/// Metrics read back from their text, strictly: a line that breaks the format throws.
struct ExpositionText {
    /// One line with a value.
    struct Sample: Equatable {
        var name: String
        var labels: [String: String]
        var value: Double
        /// The family whose head stands above it.
        var family: String
    }

    private(set) var samples: [Sample] = []
    /// The type of each family.
    private(set) var types: [String: String] = [:]
    private(set) var helps: [String: String] = [:]
    /// True exactly when the last line, and no other, is `# EOF`.
    private(set) var isEnded = false

    init(_ bytes: [UInt8]) throws {
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.hasSuffix("\n") else { throw TestFailure("the last line has no end") }
        var family = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            guard !isEnded else { throw TestFailure("after the end: '\(line)'") }
            if line == "# EOF" {
                isEnded = true
            } else if line.hasPrefix("#") {
                family = try takeHead(line, after: family)
            } else {
                samples.append(try ExpositionText.sample(line, family))
            }
        }
    }

    /// The value of a series; nil if it is not there.
    subscript(name: String, labels: [String: String] = [:]) -> Double? {
        samples.first { $0.name == name && $0.labels == labels }?.value
    }

    /// The series of a name.
    func series(_ name: String) -> [Sample] { samples.filter { $0.name == name } }

    /// `# HELP name text`, then at once `# TYPE name type`.
    private mutating func takeHead(_ line: Substring, after family: String) throws -> String {
        let parts = line.split(separator: " ", maxSplits: 3)
        guard parts.count == 4, parts[0] == "#" else { throw TestFailure("odd head: '\(line)'") }
        let name = String(parts[2])
        if parts[1] == "HELP", helps.updateValue(String(parts[3]), forKey: name) == nil {
            return name
        }
        guard parts[1] == "TYPE", name == family,
            types.updateValue(String(parts[3]), forKey: name) == nil
        else { throw TestFailure("odd head: '\(line)'") }
        return name
    }

    private static func sample(_ line: Substring, _ family: String) throws -> Sample {
        var rest = line
        let name = String(rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
        rest = rest.dropFirst(name.count)
        var labels: [String: String] = [:]
        if rest.first == "{" {
            repeat {
                rest.removeFirst()
                let (key, value) = try label(&rest)
                guard labels.updateValue(value, forKey: key) == nil else {
                    throw TestFailure("a label twice: '\(line)'")
                }
            } while rest.first == ","
            guard rest.first == "}" else { throw TestFailure("odd labels: '\(line)'") }
            rest.removeFirst()
        }
        guard !name.isEmpty, rest.first == " ", let value = Double(rest.dropFirst()) else {
            throw TestFailure("odd sample: '\(line)'")
        }
        return Sample(name: name, labels: labels, value: value, family: family)
    }

    /// `key="value"`, with the three escapes that there are.
    private static func label(_ rest: inout Substring) throws -> (String, String) {
        let key = String(rest.prefix { $0.isASCII && ($0.isLetter || $0 == "_") })
        rest = rest.dropFirst(key.count)
        guard !key.isEmpty, rest.hasPrefix("=\"") else { throw TestFailure("odd label: '\(rest)'") }
        rest.removeFirst(2)
        var value = ""
        while let character = rest.popFirst(), character != "\"" {
            guard character == "\\" else {
                value.append(character)
                continue
            }
            switch rest.popFirst() {
            case "\\": value.append("\\")
            case "\"": value.append("\"")
            case "n": value.append("\n")
            default: throw TestFailure("odd escape in a label")
            }
        }
        return (key, value)
    }
}

/// Tells code from comments and string literals in Swift and C, byte by byte.
struct SourceMask {
    /// What a byte belongs to.
    private enum Mode: Equatable {
        /// Code, or the code of an interpolation that ends where `parentheses` falls to zero.
        case code(parentheses: Int)
        case lineComment
        case blockComment
        case string(hashes: Int, quotes: Int)
    }

    private let bytes: [UInt8]
    private var modes: [Mode] = [.code(parentheses: 1)]
    private var position = 0
    /// For each byte: true exactly when it is code.
    private(set) var isCode: [Bool] = []

    /// Walks over a whole file.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        isCode.reserveCapacity(bytes.count)
        while position < bytes.count {
            switch modes[modes.count - 1] {
            case .code(let parentheses): stepInCode(parentheses)
            case .lineComment: stepInLineComment()
            case .blockComment: stepInBlockComment()
            case .string(let hashes, let quotes): stepInString(hashes: hashes, quotes: quotes)
            }
        }
    }

    private mutating func take(_ count: Int, asCode: Bool) {
        let taken = min(count, bytes.count - position)
        isCode.append(contentsOf: repeatElement(asCode, count: taken))
        position += taken
    }

    private func stands(_ text: StaticString, at index: Int) -> Bool {
        text.description.utf8.enumerated().allSatisfy { offset, byte in
            index + offset < bytes.count && bytes[index + offset] == byte
        }
    }

    private func run(of byte: UInt8, at index: Int) -> Int {
        bytes[index...].prefix { $0 == byte }.count
    }

    private mutating func stepInCode(_ parentheses: Int) {
        let hashes = run(of: UInt8(ascii: "#"), at: position)
        let quote = position + hashes
        if stands("//", at: position) {
            modes.append(.lineComment)
            take(2, asCode: false)
        } else if stands("/*", at: position) {
            modes.append(.blockComment)
            take(2, asCode: false)
        } else if quote < bytes.count, bytes[quote] == UInt8(ascii: "\"") {
            let quotes = stands("\"\"\"", at: quote) ? 3 : 1
            modes.append(.string(hashes: hashes, quotes: quotes))
            take(hashes + quotes, asCode: true)
        } else {
            count(bytes[position], parentheses)
            take(1, asCode: true)
        }
    }

    private mutating func count(_ byte: UInt8, _ parentheses: Int) {
        guard modes.count > 1 else { return }
        if byte == UInt8(ascii: "(") {
            modes[modes.count - 1] = .code(parentheses: parentheses + 1)
        } else if byte == UInt8(ascii: ")") {
            modes.removeLast()
            if parentheses > 1 { modes.append(.code(parentheses: parentheses - 1)) }
        }
    }

    private mutating func stepInLineComment() {
        if bytes[position] == UInt8(ascii: "\n") { modes.removeLast() }
        take(1, asCode: false)
    }

    private mutating func stepInBlockComment() {
        if stands("*/", at: position) {
            modes.removeLast()
            take(2, asCode: false)
        } else if stands("/*", at: position) {
            modes.append(.blockComment)
            take(2, asCode: false)
        } else {
            take(1, asCode: false)
        }
    }

    private mutating func stepInString(hashes: Int, quotes: Int) {
        let byte = bytes[position]
        if byte == UInt8(ascii: "\\"), run(of: UInt8(ascii: "#"), at: position + 1) >= hashes {
            let next = position + 1 + hashes
            let opens = next < bytes.count && bytes[next] == UInt8(ascii: "(")
            if opens { modes.append(.code(parentheses: 1)) }
            take(2 + hashes, asCode: opens)
        } else if byte == UInt8(ascii: "\""),
            run(of: byte, at: position) >= quotes,
            position + quotes <= bytes.count,
            run(of: UInt8(ascii: "#"), at: position + quotes) >= hashes
        {
            modes.removeLast()
            take(quotes + hashes, asCode: true)
        } else {
            // A string in one line ends with it: an unclosed quote, as in a C comment's apostrophe,
            // goes no further.
            if byte == UInt8(ascii: "\n"), quotes == 1 { modes.removeLast() }
            take(1, asCode: false)
        }
    }
}

/// An identifier, keyword or single mark of Swift code.
struct Word {
    let text: String
    /// The line, from 0.
    let line: Int
    /// True exactly when a dot stands before it: a member, never a keyword.
    let followsDot: Bool

    /// Splits one line of code.
    static func words(of code: String, on line: Int) -> [Word] {
        var words: [Word] = []
        var current: [UInt8] = []
        var previous: UInt8 = 0
        var dot = false
        func close() {
            guard !current.isEmpty else { return }
            words.append(
                Word(text: String(decoding: current, as: UTF8.self), line: line, followsDot: dot))
            current = []
        }
        for byte in code.utf8 {
            if isPart(byte) {
                if current.isEmpty { dot = previous == UInt8(ascii: ".") }
                current.append(byte)
            } else {
                close()
                if byte != UInt8(ascii: " ") {
                    words.append(
                        Word(text: String(UnicodeScalar(byte)), line: line, followsDot: false))
                }
            }
            previous = byte
        }
        close()
        return words
    }

    /// True exactly when the byte can stand in an identifier.
    static func isPart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
            true
        default: false
        }
    }
}

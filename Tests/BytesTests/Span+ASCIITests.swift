import Bytes
import Testing

struct SpanASCIITests {
    @Test(
        "Comparison without case folds ASCII letters only",
        arguments: [
            ("chunked", true), ("CHUNKED", true), ("Chunked", true), ("chunke", false),
            ("chunkedd", false), ("", false), ("chun\u{212a}ed", false), ("chunk\u{5}d", false),
        ])
    func ignoringCase(_ text: String, _ isEqual: Bool) {
        let bytes = Array(text.utf8)
        let other = Array("cHUNKED".utf8)
        let toLiteral = bytes.span.equalsIgnoringCase("chunked")
        let toSpan = bytes.span.equalsIgnoringCase(other.span)
        #expect(toLiteral == isEqual)
        #expect(toSpan == isEqual)
    }

    @Test("Texts of any length are compared to their last byte", arguments: 0..<27)
    func lengths(_ count: Int) {
        let lower = (0..<count).map { UInt8(0x61 + $0 % 26) }
        let upper = lower.map { $0 - 0x20 }
        let areEqual = lower.span.equals(lower.span)
        let areAlike = lower.span.equalsIgnoringCase(upper.span)
        let haveOneHash = lower.span.caselessHash == upper.span.caselessHash
        #expect(areEqual && areAlike && haveOneHash)
        for place in 0..<count {
            for other: UInt8 in [upper[place], lower[place] ^ 0x80, lower[place] ^ 0x40, 0] {
                var changed = lower
                changed[place] = other
                let isEqual = changed.span.equals(lower.span)
                let isAlike = changed.span.equalsIgnoringCase(lower.span)
                #expect(!isEqual && isAlike == (other == upper[place]))
                let hasHash = changed.span.caselessHash == lower.span.caselessHash
                #expect(hasHash == isAlike)
            }
        }
    }

    @Test("A byte at the begin is counted exactly when it is in the set", arguments: 0...255)
    func prefix(_ value: Int) {
        let byte = UInt8(value)
        let bytes: [UInt8] = [0x61, byte, 0x62, byte]
        let count = bytes.span.prefixCount(in: .tokenCharacters)
        #expect(count == (ByteSet.tokenCharacters.contains(byte) ? 4 : 1))
        let isLower = byte < 0x41 || byte > 0x5a
        let isIn = ByteSet.tokenCharacters.contains(byte) && isLower
        #expect(ByteSet.lowercaseTokenCharacters.contains(byte) == isIn)
        let none = [UInt8]().span.prefixCount(in: .digits)
        #expect(none == 0)
    }

    @Test(
        "One byte may be read as another",
        arguments: [
            ("x_real-ip", true), ("X-REAL_IP", true), ("x-real-ip", true), ("x.real-ip", false),
            ("x_real-i", false), ("", false),
        ])
    func reading(_ text: String, _ isEqual: Bool) {
        let bytes = Array(text.utf8)
        let answer = bytes.span.equalsIgnoringCase(
            "x-real-ip", reading: UInt8(ascii: "_"), as: UInt8(ascii: "-"))
        #expect(answer == isEqual)
    }

    @Test(
        "Exact comparison minds case and length",
        arguments: [("GET", true), ("get", false), ("GE", false), ("GETT", false), ("", false)])
    func exact(_ text: String, _ isEqual: Bool) {
        let bytes = Array(text.utf8)
        let other = Array("GET".utf8)
        let toLiteral = bytes.span.equals("GET")
        let toSpan = bytes.span.equals(other.span)
        #expect(toLiteral == isEqual)
        #expect(toSpan == isEqual)
    }

    @Test(
        "The first byte is found from any start",
        arguments: [(0, 1), (1, 1), (2, 3), (3, 3), (4, nil), (5, nil), (9, nil)])
    func firstIndex(_ start: Int, _ expected: Int?) {
        let bytes = Array("abcbd".utf8)
        let found = bytes.span.firstIndex(of: UInt8(ascii: "b"), from: start)
        #expect(found == expected)
    }

    @Test("The first byte is found wherever it stands and whatever stands around it")
    func firstIndexInWords() {
        for byte: UInt8 in [0, 1, 0x0a, 0x7f, 0x80, 0xff] {
            for neighbour in [byte &- 1, byte &+ 1, byte ^ 0x80, byte ^ 0xff] {
                for count in 0..<26 {
                    var bytes = [UInt8](repeating: neighbour, count: count)
                    let none = bytes.span.firstIndex(of: byte)
                    #expect(none == nil)
                    for place in bytes.indices.reversed() {
                        bytes[place] = byte
                        let first = bytes.span.firstIndex(of: byte)
                        let again = bytes.span.firstIndex(of: byte, from: place)
                        #expect(first == place && again == place)
                    }
                }
            }
        }
    }

    @Test("A control character is found wherever it stands, and a tab is none", arguments: 0...255)
    func control(_ value: Int) {
        let byte = UInt8(value)
        let isControl = value < 0x20 && value != 0x09 || value == 0x7f
        for neighbour: UInt8 in [0x09, 0x20, 0x21, 0x7e, 0x80, 0xff] {
            for count in 1..<20 {
                var bytes = [UInt8](repeating: neighbour, count: count)
                let before = bytes.span.hasControl
                let place = value % count
                bytes[place] = byte
                let after = bytes.span.hasControl
                #expect(!before && after == isControl)
                let first = bytes.span.firstControl()
                let again = bytes.span.firstControl(from: place)
                let behind = bytes.span.firstControl(from: place + 1)
                #expect(first == (isControl ? place : nil) && again == first && behind == nil)
            }
        }
        let ofNone = [UInt8]().span.hasControl
        #expect(!ofNone)
    }

    @Test("Copies are equal to what was copied; what is not UTF-8 is replaced")
    func copies() {
        let bytes: [UInt8] = [0x61, 0xff, 0x62]
        let array = [UInt8](copying: bytes.span)
        #expect(array == bytes)
        let text = String(copying: bytes.span)
        #expect(text == "a\u{fffd}b")
        let empty = String(copying: [UInt8]().span)
        #expect(empty.isEmpty)
    }

    /// By the lower bits of the hash a table finds its place: names of one shop in many countries,
    /// numbered names and addresses once had them in common.
    @Test(
        "Hashes of names that differ in few characters differ in their lower bits",
        arguments: ["example.", "www.brand1.", "tenant-", "node", "10.0.", "site-"])
    func spread(prefix: String) {
        let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        let names = (0..<10_000).map { number in
            let end = [
                letters[number / 1296 % 36], letters[number / 36 % 36], letters[number % 36],
            ]
            return prefix + String(end) + (prefix == "site-" ? ".example.com" : "")
        }
        let places = names.map { Array($0.utf8).span.caselessHash & 32_767 }
        // What chance would give is 8,600.
        #expect(Set(places).count > 8_000)
    }

    @Test("Only letters have a case", arguments: 0...255)
    func letters(_ value: Int) {
        for other in [value ^ 0x20, value] {
            let bytes = [UInt8](repeating: UInt8(value), count: 9)
            let given = [UInt8](repeating: UInt8(other), count: 9)
            let isAlike = bytes.span.equalsIgnoringCase(given.span)
            let isSame = UInt8(value).asciiLowercased == UInt8(other).asciiLowercased
            #expect(isAlike == isSame)
        }
    }

    @Test(
        "The bytes before the first that is outside a set are counted",
        arguments: [("", 0), ("1", 1), ("12a3", 2), ("a12", 0), ("0123456789", 10), ("9\u{ff}", 1)])
    func outside(_ text: String, _ expected: Int) {
        let bytes = Array(text.utf8)
        let found = bytes.span.prefixCount(in: .digits)
        #expect(found == expected)
    }
}

import Testing

@testable import TLS

struct PlainHTTPTests {
    @Test(
        "The first bytes tell HTTP from anything else",
        arguments: [
            ("", .undecided), ("G", .undecided), ("GET", .undecided), ("GET ", .http),
            ("GET /", .http), ("PUT ", .http), ("OPTIONS * HTTP/1.1", .http),
            ("PRI * HTTP/2.0", .http), ("UPDATEREDIRECTREF ", .http), ("GE ", .other),
            ("G ", .other), (" ", .other), ("get ", .other), ("GET\t", .other), ("GET\r", .other),
            ("GeT ", .other), ("SSH-2.0", .other), ("\u{16}\u{3}\u{1}", .other), ("\0", .other),
            ("@", .other), ("[", .other), ("Z", .undecided), ("A", .undecided),
            (String(repeating: "A", count: 20), .undecided),
            (String(repeating: "A", count: 20) + " ", .http),
            (String(repeating: "A", count: 21), .other),
            (String(repeating: "A", count: 21) + " ", .other),
        ] as [(String, PlainHTTP.Look)])
    func look(_ text: String, _ look: PlainHTTP.Look) {
        #expect(PlainHTTP.look(at: text.utf8.span) == look)
    }

    @Test("No first byte of TLS can begin a method", arguments: UInt8.min...UInt8.max)
    func first(_ byte: UInt8) {
        let isLetter = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
        let bytes = [byte]
        #expect(PlainHTTP.look(at: bytes.span) == (isLetter ? .undecided : .other))
    }
}

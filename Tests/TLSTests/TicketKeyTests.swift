import Testing

@testable import TLS

struct TicketKeyTests {
    private static let long = (0..<80).map { UInt8($0 + 128) }
    private static let short = (0..<48).map { UInt8($0 + 160) }

    /// Base64 of 48 bytes without a byte of padding, and of 80 with one.
    private static let shortLine =
        "QUFBQUFBQUFBQUFBQUFBQUJCQkJCQkJCQkJCQkJCQkJDQ0NDQ0NDQ0NDQ0NDQ0ND"
    private static let longLine = String(repeating: "QUFB", count: 26) + "QUE="

    @Test("Keys of 80 and of 48 bytes are told apart, one or several")
    func raw() throws {
        let one = try TicketKey.parse(TicketKeyTests.long)
        #expect(one.map(\.name) == [Array(128..<144)])
        #expect(one.map(\.authentication) == [Array(144..<176)])
        #expect(one.map(\.encryption) == [Array(176..<208)])
        let two = try TicketKey.parse(TicketKeyTests.short + TicketKeyTests.short)
        #expect(two.map(\.name) == [Array(160..<176), Array(160..<176)])
        #expect(two.map(\.encryption.count) == [16, 16])
        #expect(two[0].authentication == Array(192..<208))
    }

    @Test("Lines of base64 are keys, and empty lines are none")
    func lines() throws {
        let text = "\(TicketKeyTests.longLine)\r\n\n\(TicketKeyTests.shortLine)\n"
        let keys = try TicketKey.parse(Array(text.utf8))
        #expect(keys.map(\.encryption.count) == [32, 16])
        #expect(keys[1].name == Array(repeating: 65, count: 16))
        #expect(keys[1].encryption == Array(repeating: 66, count: 16))
        #expect(keys[1].authentication == Array(repeating: 67, count: 16))
    }

    @Test(
        "Anything else is refused with the reason",
        arguments: [
            ([], "it is empty"), ([UInt8](repeating: 200, count: 81), "it has 81 bytes"),
            ([UInt8](repeating: 200, count: 240), "it has 240 bytes, which can be keys of 80 or"),
            ([UInt8](repeating: 200, count: 480), "it has 480 bytes, which can be keys of 80 or"),
            (Array("hello\n".utf8), "a line is not the base64"),
            (Array("QUFB\n".utf8), "a line is not the base64"),
            (Array("!!!!".utf8), "a line is not the base64"),
        ])
    func refused(bytes: [UInt8], reason: String) {
        do throws(TLSError) {
            _ = try TicketKey.parse(bytes)
            Issue.record("it was taken")
        } catch {
            #expect(error.reason.hasPrefix(reason), "\(error)")
        }
    }

    @Test("Keys that are made differ")
    func made() throws {
        let (one, other) = (try TicketKey(), try TicketKey())
        #expect(one.name != other.name)
        #expect(one.authentication != other.authentication)
        #expect(one.encryption != other.encryption)
    }
}

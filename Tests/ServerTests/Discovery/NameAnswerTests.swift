import Platform
import Testing

@testable import Server

struct NameAnswerTests {
    @Test("Of the family that could not be asked for, what was known stays")
    func partial() {
        let old = NameAnswer.addresses([.ipv4(1, port: 0), .ipv6(0, 1, port: 0)])
        let four = NameAnswer.addresses([.ipv4(2, port: 0)])
        #expect(old.followed(by: four, isPartial: false) == four)
        #expect(
            old.followed(by: four, isPartial: true)
                == .addresses([.ipv4(2, port: 0), .ipv6(0, 1, port: 0)]))
        #expect(
            old.followed(by: .addresses([.ipv6(0, 1, port: 0)]), isPartial: true) == old)
    }
}

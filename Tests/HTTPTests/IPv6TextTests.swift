import Bytes
import Testing

@testable import HTTP

struct IPv6TextTests {
    private func isAddress(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return IPv6Text.isAddress(bytes.span)
    }

    @Test(
        "An address has eight groups, or fewer and a gap",
        arguments: [
            "::", "::1", "1::", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1::8",
            "abCD:00ef::0", "::1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "::ffff:255.255.255.255",
            "::0.0.0.0",
            "1:2::1.2.3.4",
        ])
    func good(_ text: String) {
        #expect(isAddress(text))
    }

    @Test(
        "Anything else is no address",
        arguments: [
            "", ":", "1", "1:", ":1", "1:2", ":::", "1:::2", "1::2::3", "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "12345::", "g::",
            "1::2:",
            ":1::2", "::1 ", "::1%0", "1.2.3.4", "::1.2.3", "::1.2.3.", "::1.2.3.4.5",
            "::1.2.3.256",
            "::01.2.3.4", "::1.2.3.04", "::1.2.3.1234", "::1..3.4", "::.1.2.3", "::a.1.2.3",
            "::1.2.3.4:1", "1:2:3:4:5:6:7:1.2.3.4", "::2:3:4:5:6:7:1.2.3.4",
        ])
    func bad(_ text: String) {
        #expect(!isAddress(text))
    }
}

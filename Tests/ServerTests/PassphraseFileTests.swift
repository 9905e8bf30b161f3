import Testing

@testable import Server

struct PassphraseFileTests {
    @Test(
        "The passphrase is what stands before the first line end",
        arguments: [
            ("", ""), ("a", "a"), ("a\n", "a"), ("a\r\nb", "a"), ("\na", ""), (" a \n", " a "),
            ("a\rb\n", "a\rb"),
        ])
    func firstLine(_ text: String, _ passphrase: String) {
        #expect(PassphraseFile.firstLine(of: Array(text.utf8)) == Array(passphrase.utf8))
    }
}

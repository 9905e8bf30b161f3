/// A name and the hash of its password, as a line of `htpasswd` has them.
public struct PasswordEntry: Sendable, Equatable {
    /// Why a line is not an account, in words for the operator.
    public struct Flaw: Error, Equatable {
        /// The whole message; never with the hash.
        public let reason: String
    }

    /// The name.
    public let name: String
    /// The hash in the form of `crypt`.
    public let hash: String

    /// Reads `name:hash`.
    ///
    /// - Throws: what is wrong with it: hashes that can be guessed quickly are refused.
    public init(_ line: String) throws(Flaw) {
        guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else {
            throw Flaw(reason: "an account is 'NAME:HASH', as 'htpasswd -nB NAME' prints it")
        }
        name = String(line[..<colon])
        hash = String(line[line.index(after: colon)...])
        guard !name.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }),
            name.utf8.count <= 255
        else { throw Flaw(reason: "\(quoted(name)) is not a name") }
        if let reason = PasswordEntry.objection(to: Array(hash.utf8)) {
            throw Flaw(reason: "the password of \(quoted(name)) \(reason)")
        }
    }

    private static func objection(to hash: [UInt8]) -> String? {
        let text = String(decoding: hash, as: UTF8.self)
        if ["$2y$", "$2b$", "$2a$"].contains(where: text.hasPrefix) { return bcrypt(hash) }
        if text.hasPrefix("$5$") { return sha(text, digits: 43) }
        if text.hasPrefix("$6$") { return sha(text, digits: 86) }
        let kinds = [
            ("$apr1$", "MD5"), ("$1$", "MD5"), ("{SHA}", "SHA-1"), ("{SSHA}", "SHA-1"),
            ("$y$", "yescrypt"), ("$7$", "scrypt"), ("$argon2", "Argon2"),
        ]
        let kind = kinds.first { text.hasPrefix($0.0) }?.1
        let what = kind.map { "is hashed by \($0)" } ?? "is not hashed, or by DES"
        return "\(what), not by bcrypt or SHA-crypt; make a good one by 'htpasswd -nB NAME'"
    }

    /// `$2y$05$` and 53 digits: 22 of the salt, 31 of the hash.
    private static func bcrypt(_ hash: [UInt8]) -> String? {
        guard hash.count == 60, hash[6] == UInt8(ascii: "$"),
            hash[7...].allSatisfy(isDigit), let cost = number(hash[4..<6])
        else { return "is no complete hash of bcrypt" }
        return (4...costLimit).contains(cost)
            ? nil : "costs 2^\(cost) rounds of bcrypt; 4 to \(costLimit) are possible"
    }

    /// `$6$`, perhaps `rounds=N$`, a salt of at most 16, `$`, and the digits of the hash.
    private static func sha(_ text: String, digits: Int) -> String? {
        var parts = text.dropFirst(3).split(separator: "$", omittingEmptySubsequences: false)
        if let first = parts.first, first.hasPrefix("rounds=") {
            guard let rounds = Int(first.dropFirst(7)), (1000...roundLimit).contains(rounds) else {
                return "has a number of rounds that is not from 1000 to \(roundLimit)"
            }
            parts.removeFirst()
        }
        guard parts.count == 2, parts[0].utf8.count <= 16, parts[1].utf8.count == digits,
            parts[0].utf8.allSatisfy(isDigit), parts[1].utf8.allSatisfy(isDigit)
        else { return "is no complete hash of SHA-crypt" }
        return nil
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        Int(String(decoding: digits, as: UTF8.self))
    }

    /// The digits of `crypt` and of bcrypt.
    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: ".")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    /// Four seconds of a processor; each further step doubles them.
    private static let costLimit = 16
    /// As many seconds.
    private static let roundLimit = 5_000_000
}

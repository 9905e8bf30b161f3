internal import Bytes
public import Config

/// The accounts of one `basic_auth`: who may ask, and how the rest is told so.
public final class AccountTable: Sendable {
    /// A name and what is kept of its password.
    struct Account: Sendable {
        let name: [UInt8]
        let hash: String
    }

    /// In the order of their names.
    private let accounts: [Account]
    /// The value of `WWW-Authenticate` (RFC 7617 §2).
    let challenge: [UInt8]
    /// True exactly when the backend gets `Authorization`, too.
    let passes: Bool

    /// Takes over the accounts of the configuration, and those of its file.
    ///
    /// - Parameter entries: at least one; of two with one name the first counts.
    public init(_ config: BasicAuthConfig, entries: [PasswordEntry]) {
        var seen: Set<String> = []
        accounts = entries.filter { seen.insert($0.name).inserted }
            .map { Account(name: Array($0.name.utf8), hash: $0.hash) }
            .sorted { $0.name.lexicographicallyPrecedes($1.name) }
        challenge = Array("Basic realm=\"\(config.realm)\", charset=\"UTF-8\"".utf8)
        passes = config.passes
    }

    /// The account of this name, and whether there is one; where there is none another one's
    /// password is looked at for nothing, so that the time does not tell. Which one that is depends
    /// on the name, in a way that nobody outside knows: hashes may differ in what they cost.
    func account(named name: Span<UInt8>) -> (account: Account, isKnown: Bool)? {
        var low = 0
        var high = accounts.count
        while low < high {
            let middle = (low + high) / 2
            if AccountTable.isAbove(accounts[middle].name, name) {
                high = middle
            } else {
                low = middle + 1
            }
        }
        if low > 0 {
            let candidate = accounts[low - 1]
            if name.equals(candidate.name.span) { return (candidate, true) }
        }
        guard !accounts.isEmpty else { return nil }
        var hasher = Hasher()
        for index in name.indices { hasher.combine(name[index]) }
        let place = Int(UInt(bitPattern: hasher.finalize()) % UInt(accounts.count))
        return (accounts[place], false)
    }

    private static func isAbove(_ name: [UInt8], _ other: Span<UInt8>) -> Bool {
        let common = min(name.count, other.count)
        for index in 0..<common where name[index] != other[index] {
            return name[index] > other[index]
        }
        return name.count > other.count
    }
}

internal import Config
internal import Platform
internal import Proxy

/// Reads the files of accounts that `basic_auth` names, each once, and puts tables together.
struct AccountLoader {
    /// The configuration's file, for diagnostics.
    private let file: String
    private let files: ServedFiles
    private var entries: [String: [PasswordEntry]] = [:]
    private var tables: [(config: BasicAuthConfig, table: AccountTable)] = []

    /// What has been found so far.
    private(set) var diagnostics: [Diagnostic] = []

    /// - Parameters:
    ///   - file: the configuration, for diagnostics.
    ///   - files: what is being served of files.
    init(file: String, files: ServedFiles = ServedFiles()) {
        self.file = file
        self.files = files
    }

    /// The files of accounts that a configuration names.
    static func files(_ config: ProxyConfig) -> [String] {
        Set(config.basicAuths.compactMap { $0.file?.path }).sorted()
    }

    /// Reads the files that a configuration names.
    mutating func load(_ config: ProxyConfig) {
        for auth in config.basicAuths {
            guard let reference = auth.file, entries[reference.path] == nil else { continue }
            entries[reference.path] = read(reference)
        }
    }

    /// The accounts of a route; nil where it asks for none.
    mutating func table(of rules: RuleConfig) -> AccountTable? {
        guard let auth = rules.basicAuth else { return nil }
        // A site with many routes has one.
        if let known = tables.first(where: { $0.config == auth }) { return known.table }
        let further = auth.file.flatMap { entries[$0.path] } ?? []
        let table = AccountTable(auth, entries: auth.users + further)
        tables.append((auth, table))
        return table
    }

    private mutating func read(_ reference: FileReference) -> [PasswordEntry] {
        let before = diagnostics.count
        let found = parse(reference)
        guard diagnostics.count > before else {
            files.accounts.use(found, of: reference.path)
            return found
        }
        guard let old = files.accounts.standIn(for: reference.path) else { return found }
        diagnostics.removeSubrange(before...)
        return old
    }

    private mutating func parse(_ reference: FileReference) -> [PasswordEntry] {
        let before = diagnostics.count
        func report(_ message: String) -> Diagnostic {
            Diagnostic(.error, file: file, mark: reference.mark, message: message)
        }
        var found: [PasswordEntry] = []
        do throws(SystemError) {
            let text = try Files.read(reference.path, atMost: AccountLoader.fileLimit)
            let lines = String(decoding: text, as: UTF8.self)
                .split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
            for (index, line) in lines.enumerated() where !line.isEmpty && !line.hasPrefix("#") {
                do throws(PasswordEntry.Flaw) {
                    found.append(try PasswordEntry(String(line)))
                } catch {
                    diagnostics.append(
                        report("'\(reference.path)', line \(index + 1): \(error.reason)"))
                }
            }
        } catch {
            diagnostics.append(report("cannot read the accounts: \(error)"))
            return []
        }
        if found.isEmpty, diagnostics.count == before {
            diagnostics.append(report("'\(reference.path)' has no account: nobody could ask"))
        }
        return found
    }

    /// A hundred thousand accounts.
    private static let fileLimit = 16 << 20
}

extension ProxyConfig {
    /// What the routes say about names and passwords.
    fileprivate var basicAuths: [BasicAuthConfig] {
        sites.flatMap { $0.routes.compactMap(\.rules.basicAuth) }
    }
}

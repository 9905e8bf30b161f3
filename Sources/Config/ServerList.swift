/// Reads files of servers: one on each line, `ADDRESS [weight=N] [backup]`, comments from `#` on.
///
/// All of a file counts, or nothing of it: what was written halfway must not take servers away.
public enum ServerList {
    /// How large a file may be.
    public static let maximumBytes = 1 << 20
    /// How many servers a file may list.
    public static let maximumServers = 1000

    /// Reads `text`, which came from `file`; paths of sockets in it are relative to that file.
    ///
    /// - Parameter needsHosts: whether each server needs a host that its certificate could be for.
    /// - Returns: the servers, and what is wrong; no servers exactly when something is.
    public static func parse(
        _ text: String, file: String, needsHosts: Bool = false
    ) -> (servers: [ServerConfig], diagnostics: [Diagnostic]) {
        var context = DecodingContext(file: file)
        var servers: [ServerConfig] = []
        var first: [AddressConfig: SourceMark] = [:]
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let words = ServerList.words(of: line, line: index + 1)
            guard let server = server(words, &context) else { continue }
            if let mark = first.updateValue(server.mark, forKey: server.address) {
                context.error(
                    "the server \(quoted(server.text)) is already listed at \(mark)",
                    at: server.mark)
            }
            if needsHosts, case .unix = server.address {
                context.missesHost(server, at: server.mark)
            }
            servers.append(server)
        }
        if !context.hasErrors {
            if servers.isEmpty {
                context.error("the file lists no server", at: SourceMark())
            } else if servers.count > maximumServers {
                context.error(
                    "the file lists more than \(maximumServers) servers", at: SourceMark())
            } else if servers.allSatisfy({ $0.weight == 0 }) {
                context.error(
                    "no server has a weight above 0: nobody would be served", at: SourceMark())
            }
        }
        return (context.hasErrors ? [] : servers, context.diagnostics)
    }

    /// The words of a line before its comment, and where they stand.
    private static func words(of line: Substring, line number: Int) -> [Located<String>] {
        var words: [Located<String>] = []
        var isInWord = false
        for (index, character) in line.enumerated() {
            // A path or a name has no such sign; nobody means one that begins within a word.
            if character == "#" { break }
            if character.isWhitespace {
                isInWord = false
            } else if isInWord {
                words[words.count - 1].value.append(character)
            } else {
                let mark = SourceMark(line: number, column: index + 1)
                words.append(Located(value: String(character), mark: mark))
                isInWord = true
            }
        }
        return words
    }

    private static func server(
        _ words: [Located<String>], _ context: inout DecodingContext
    ) -> ServerConfig? {
        guard let first = words.first else { return nil }
        var server: ServerConfig
        do throws(Refusal) {
            let address = try AddressText.connecting(first.value, context)
            server = ServerConfig(address: address, text: first.value, mark: first.mark)
        } catch {
            context.error(error.reason, at: first.mark)
            return nil
        }
        for word in words.dropFirst() {
            if word.value == "backup" {
                server.isBackup = true
            } else if word.value.hasPrefix("weight="),
                let weight = Int(word.value.dropFirst("weight=".count)), 0...256 ~= weight
            {
                server.weight = weight
            } else {
                context.error(
                    "expected 'weight=N' with N from 0 to 256, or 'backup', found "
                        + quoted(word.value), at: word.mark)
            }
        }
        return server
    }
}

extension DecodingContext {
    /// Refuses a server whose certificate could be anybody's.
    mutating func missesHost(_ server: ServerConfig, at mark: SourceMark) {
        error(
            "the server \(quoted(server.text)) has no host name that its certificate"
                + " could be for; say it by 'server_name' in 'tls'",
            at: mark)
    }
}

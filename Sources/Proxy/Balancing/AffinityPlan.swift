internal import Bytes
internal import Config
internal import HTTP
internal import TLS

/// The cookie by which clients stay with a server: its name, and for each server a token that names
/// it without saying where it is.
///
/// A token is a digest of the backend's and the server's name and of the operator's key, the same
/// in every worker, process and instance, so that a restart or another instance keeps sessions.
final class AffinityPlan: Sendable {
    /// The cookie's name.
    let cookie: [UInt8]
    /// The tokens in their order, each with its server's index.
    private let servers: [(token: UInt64, index: Int)]
    /// For each server what sets the cookie, over plain HTTP and over TLS.
    private let lines: [(plain: [UInt8], secure: [UInt8])]

    init(_ config: AffinityConfig, backend: String, servers: [ServerPlan]) {
        cookie = Array(config.cookie.utf8)
        let tokens = servers.map {
            AffinityPlan.token(backend: backend, server: $0.name, key: config.key ?? "")
        }
        self.servers = tokens.enumerated().map { (token: $1, index: $0) }
            .sorted { ($0.token, $0.index) < ($1.token, $1.index) }
        lines = tokens.map { token in
            var line = ByteQueue()
            line.append(config.cookie)
            line.append("=")
            line.append(AffinityPlan.spelling(token))
            line.append("; Path=/")
            if let age = config.maxAge { line.append("; Max-Age=\(age.components.seconds)") }
            line.append("; HttpOnly; SameSite=Lax")
            let plain = Array(copying: line.bytes)
            return (plain: plain, secure: plain + Array("; Secure".utf8))
        }
    }

    /// What sets the cookie to a server.
    func line(for index: Int, isTLS: Bool) -> [UInt8] {
        isTLS ? lines[index].secure : lines[index].plain
    }

    /// The index of the server that a request's cookie names; nil where it names none of these.
    func server(askedForBy request: borrowing RequestHead) -> Int? {
        let name = cookie
        guard let (index, range) = CookieReader.find(name.span, in: request.fields) else {
            return nil
        }
        return server(named: request.fields.value(index).extracting(range))
    }

    /// The index of the server that a cookie's value names; nil where it names none of these.
    func server(named value: Span<UInt8>) -> Int? {
        guard let token = AffinityPlan.parse(value) else { return nil }
        var low = 0
        var high = servers.count
        while low < high {
            let middle = (low + high) / 2
            if servers[middle].token < token { low = middle + 1 } else { high = middle }
        }
        return low < servers.count && servers[low].token == token ? servers[low].index : nil
    }

    /// Names of backends and servers are never equal where their lengths are told with them.
    static func token(backend: String, server: String, key: String) -> UInt64 {
        let parts = [key, backend, server].map { Array($0.utf8) }
        let text = parts.flatMap { part in
            (0..<8).map { UInt8(truncatingIfNeeded: part.count >> ($0 * 8)) } + part
        }
        return Digest.sha256(text).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Sixteen digits.
    static func spelling(_ token: UInt64) -> String {
        let digits = String(token, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func parse(_ value: Span<UInt8>) -> UInt64? {
        guard value.count == 16 else { return nil }
        var token: UInt64 = 0
        for index in value.indices {
            let digit: UInt8
            switch value[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = value[index] - 0x30
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = value[index] - 0x57
            default: return nil
            }
            token = token << 4 | UInt64(digit)
        }
        return token
    }
}

internal import CLinux

/// Asks name servers, with the C library's client: it tries again, asks by TCP for what UDP has no
/// room for, follows the search list, and takes no answer but to what it asked.
struct DNSClient: Sendable {
    /// Whom to ask; empty for those in `/etc/resolv.conf`.
    let servers: [SocketAddress]

    /// What is asked for, by its number (RFC 1035 §3.2.2).
    enum Kind: CInt {
        case ipv4 = 1
        case ipv6 = 28
        case service = 33
    }

    /// Asks; blocks for as long as name servers are given to answer.
    func ask(_ name: String, _ kind: Kind) throws(LookupError) -> [DNSRecord] {
        // SAFETY: owner: this frame, which closes it; used on this thread alone.
        guard let resolver = unsafe martlet_resolver_open() else { throw .failed }
        defer { unsafe martlet_resolver_close(resolver) }
        if !servers.isEmpty {
            unsafe martlet_resolver_clear(resolver, DNSClient.patience, DNSClient.attempts)
        }
        for server in servers {
            // SAFETY: owner: `withRaw`'s frame, for the call, which copies the address.
            _ = unsafe server.withRaw { unsafe martlet_resolver_add(resolver, $0, $1) }
        }
        var answer = [UInt8](repeating: 0, count: DNSClient.largestMessage)
        let start = MonotonicTime.now()
        // SAFETY: owner: this frame; bound: the array's count is passed. The name ends in zero.
        let size = unsafe martlet_resolver_ask(
            resolver, name, kind.rawValue, &answer, CInt(answer.count))
        guard size >= 0 else {
            switch unsafe martlet_resolver_fault(resolver) {
            case 1: throw .notFound
            // Of servers that cannot tell the C library says at once that time is over.
            case 2: throw MonotonicTime.now() - start < DNSClient.leastWait ? .failed : .timeout
            default: throw .failed
            }
        }
        answer.removeLast(answer.count - min(Int(size), answer.count))
        guard let records = DNSMessage.records(answer) else { throw .malformed }
        return records
    }

    /// How many seconds a server that the configuration names is given.
    private static let patience: CInt = 2
    /// How often each of them is asked.
    private static let attempts: CInt = 2
    /// How long the C library waits for a server at least.
    private static let leastWait = Duration.seconds(1)
    /// What the length before a message over TCP can say at most.
    private static let largestMessage = 65_535
}

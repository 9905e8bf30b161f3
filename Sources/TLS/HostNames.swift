internal import Bytes

/// Values by names of hosts, which may stand for any one label below them: `*.` before the rest.
///
/// How a host finds its name stands here, for sites and for certificates alike.
struct HostNames: Sendable {
    private var exact: HostTable
    /// By what stands behind `*.`.
    private var wildcard: HostTable

    /// Makes room for so many names.
    init(capacity: Int) {
        exact = HostTable(capacity: capacity)
        wildcard = HostTable(capacity: capacity)
    }

    /// Adds a lower-case name; the first value of a name stays.
    mutating func insert(_ name: String, value: Int) {
        if name.utf8.starts(with: "*.".utf8) {
            wildcard.insert(String(name.dropFirst(2)), value: value)
        } else {
            exact.insert(name, value: value)
        }
    }

    /// The value of a host, in any case, with or without a final dot: by its name, or else by a
    /// wildcard in place of its first label; one label, never more (RFC 9525 §6.3).
    func find(_ host: Span<UInt8>) -> Int? {
        let name = withoutFinalDot(host)
        return exact.find(name) ?? findWildcard(name)
    }

    /// The lower one of the values that a host has by its name and by a wildcard.
    func findLowest(_ host: Span<UInt8>) -> Int? {
        let name = withoutFinalDot(host)
        guard let value = exact.find(name) else { return findWildcard(name) }
        return min(value, findWildcard(name) ?? value)
    }

    private func findWildcard(_ name: Span<UInt8>) -> Int? {
        guard let dot = name.firstIndex(of: UInt8(ascii: ".")), dot > 0, dot + 1 < name.count else {
            return nil
        }
        return wildcard.find(name.extracting((dot + 1)..<name.count))
    }
}

@_lifetime(copy host)
private func withoutFinalDot(_ host: Span<UInt8>) -> Span<UInt8> {
    guard host.count > 1, host[host.count - 1] == UInt8(ascii: ".") else { return host }
    return host.extracting(0..<(host.count - 1))
}

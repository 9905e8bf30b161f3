internal import Synchronization

/// Names that were given numbers: a label's number is the same for as long as the process lives.
final class NameTable: Sendable {
    private struct Interned {
        var numbers: [String: UInt32] = [:]
        var names: [String] = []

        mutating func number(_ name: String) -> UInt32 {
            if let known = numbers[name] { return known }
            // Number 0 stands for "none".
            let fresh = UInt32(names.count + 1)
            numbers[name] = fresh
            names.append(name)
            return fresh
        }

        func name(_ number: Int) -> String? {
            number >= 1 && number <= names.count ? names[number - 1] : nil
        }
    }

    private let listeners = Mutex(Interned())
    private let sites = Mutex(Interned())
    private let backends = Mutex(Interned())
    private let servers = Mutex(Interned())
    private let reasons = Mutex(Interned())

    func listener(_ name: String) -> UInt32 { listeners.withLock { $0.number(name) } }
    func site(_ name: String) -> UInt32 { sites.withLock { $0.number(name) } }
    func backend(_ name: String) -> UInt32 { backends.withLock { $0.number(name) } }
    func server(_ backend: String, _ server: String) -> UInt32 {
        servers.withLock { $0.number(backend + "\0" + server) }
    }
    func reason(_ name: String) -> UInt16 { UInt16(clamping: reasons.withLock { $0.number(name) }) }

    func listenerName(_ number: Int) -> String { listeners.withLock { $0.name(number) } ?? "" }
    func siteName(_ number: Int) -> String { sites.withLock { $0.name(number) } ?? "" }
    func backendName(_ number: Int) -> String { backends.withLock { $0.name(number) } ?? "" }
    func reasonName(_ number: Int) -> String { reasons.withLock { $0.name(number) } ?? "" }
    func serverNames(_ number: Int) -> (backend: String, server: String) {
        let joined = servers.withLock { $0.name(number) } ?? "\0"
        let parts = joined.split(separator: "\0", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts.first ?? ""), String(parts.last ?? ""))
    }
}

internal import Proxy
internal import TLS

/// Snapshots that are not served any more, kept until nobody else refers to them.
///
/// To free ten thousand sites takes tens of milliseconds, for which the clients of a worker would
/// wait: the last reference to them is let go here.
///
/// Control thread only.
struct FormerSnapshots {
    private var snapshots: [RuntimeSnapshot] = []
    /// Those of snapshots that are gone: connections keep the one that they were made with.
    private var contexts: [TLSContext] = []

    /// True exactly when nothing is kept.
    var isEmpty: Bool { snapshots.isEmpty && contexts.isEmpty }
    /// True exactly when a snapshot is kept; a context may be, for days, by a connection.
    var hasSnapshots: Bool { !snapshots.isEmpty }

    /// Keeps a snapshot that another has taken the place of.
    mutating func keep(_ snapshot: RuntimeSnapshot) { snapshots.append(snapshot) }

    /// Frees what nobody else refers to; what `present` has, too, comes back with it.
    mutating func release(present: RuntimeSnapshot?) {
        let shared = present.map { $0.listeners.compactMap(\.tls) } ?? []
        for index in snapshots.indices.reversed()
        where isKnownUniquelyReferenced(&snapshots[index]) {
            for context in snapshots[index].listeners.compactMap(\.tls)
            where !(contexts + shared).contains(where: { $0 === context }) {
                contexts.append(context)
            }
            snapshots.remove(at: index)
        }
        for index in contexts.indices.reversed()
        where isKnownUniquelyReferenced(&contexts[index]) {
            contexts.remove(at: index)
        }
    }
}

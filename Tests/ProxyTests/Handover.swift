import TestSupport

/// Lends a client to another thread.
struct Handover: @unchecked Sendable {
    let value: Peer

    init(_ value: Peer) { self.value = value }
}

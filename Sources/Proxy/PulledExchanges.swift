/// The exchanges of which a session of HTTP/2 has taken something: settled behind each write.
///
/// Frames of one stream mostly follow each other, and are settled as one.
struct PulledExchanges {
    private var exchanges: [Exchange] = []

    /// How many are to be settled.
    var count: Int { exchanges.count }

    subscript(index: Int) -> Exchange { exchanges[index] }

    /// The session has taken something of this one.
    mutating func note(_ exchange: Exchange) {
        if exchanges.last !== exchange { exchanges.append(exchange) }
    }

    /// All are settled, or nobody needs it any more.
    mutating func removeAll() { exchanges.removeAll(keepingCapacity: true) }
}

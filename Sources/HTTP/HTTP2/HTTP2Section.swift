/// One field section that has come and is yet to be told: a box that is used again.
final class HTTP2Section {
    /// What it says.
    var content = HTTP2SectionContent()

    /// Makes an empty box.
    init() {}
}

/// What a field section says: one of the three has something in it.
struct HTTP2SectionContent: ~Copyable {
    /// A request's head.
    var request = RequestHead()
    /// A response's head.
    var response = ResponseHead()
    /// A trailer section.
    var trailers = FieldBlock()

    /// Makes an empty one.
    init() {}

    /// How much memory its text has.
    var capacity: Int { request.capacity + response.capacity + trailers.capacity }

    /// Forgets what is in it; keeps the memory, unless it is that of a large section: connections
    /// that do nothing would keep megabytes.
    mutating func reset() {
        guard capacity <= 2 * HTTP2Session.keptBytes else {
            self = HTTP2SectionContent()
            return
        }
        request.reset()
        response.reset()
        trailers.removeAll()
    }
}

/// One field section that has come: a box that is used again.
final class HTTP2Section {
    /// A request's head.
    var request = RequestHead()
    /// A response's head.
    var response = ResponseHead()
    /// A trailer section.
    var trailers = FieldBlock()

    /// Makes an empty box.
    init() {}

    /// How many bytes its content takes.
    var byteCount: Int { request.byteCount + response.byteCount + trailers.byteCount }

    /// Forgets what is in it; keeps the memory.
    func reset() {
        request.reset()
        response.reset()
        trailers.removeAll()
    }
}

/// Why a text is not what it should be, in words for the operator.
struct Refusal: Error, Equatable {
    /// The whole message, which quotes the text.
    let reason: String

    /// Makes a refusal.
    init(_ reason: String) { self.reason = reason }
}

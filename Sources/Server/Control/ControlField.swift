/// One header field of a control-plane message, decoded as text.
struct ControlField: Equatable, Sendable {
    /// The name as it was sent, or is to be sent.
    let name: String

    /// The value without surrounding whitespace.
    let value: String
}

internal import Platform

/// A whole request to the control plane: head and body, decoded as text where it is text.
struct ControlRequest: Sendable {
    /// The method as it was sent, such as `GET`.
    let method: String

    /// The path of the target, without the query.
    let path: String

    /// What follows the first `?` of the target, if there is one.
    let query: String?

    /// The host that was asked for without its port, brackets of IPv6 kept; empty if there was
    /// none.
    let host: String

    /// The request line as it was sent, without its end.
    let requestLine: String

    /// The fields in the order in which they were sent.
    let fields: [ControlField]

    /// The body, transfer coding removed.
    let body: [UInt8]

    /// Who sent the request.
    let client: SocketAddress

    /// The value of the first field with that name, in any case; `lowercaseName` is in lower case.
    func value(of lowercaseName: String) -> String? {
        fields.first { $0.name.lowercased() == lowercaseName }?.value
    }
}

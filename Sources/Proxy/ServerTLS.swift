public import TLS

/// How TLS is spoken with a server.
public struct ServerTLS: Sendable {
    /// Whom it is to be trusted by, what it is shown and what is offered.
    public let context: TLSClientContext
    /// The host or the address that its certificate is for; nil where any will do.
    public let serverName: String?

    /// Describes TLS with one server.
    public init(context: TLSClientContext, serverName: String?) {
        self.context = context
        self.serverName = serverName
    }
}

/// What an entry of `listeners` says by `tls`.
struct ListenerTLS: Sendable, Equatable {
    /// Whether clients speak TLS here.
    var isOn = true

    /// What differs from the `tls` of the whole file.
    var override = TLSOverride()
}

extension ValueKind<ListenerTLS> {
    /// `true`, `false`, or a mapping with what differs.
    static let listenerTLS = ValueKind(
        nestedPaths: TLSOverride.shape.paths.map { ".\($0)" }
    ) { node, context in
        switch node.content {
        case .mapping:
            return TLSOverride.shape.decode(node, &context).map { ListenerTLS(override: $0) }
        case .scalar("true", .plain), .scalar("true", .substituted): return ListenerTLS()
        case .scalar("false", .plain), .scalar("false", .substituted):
            return ListenerTLS(isOn: false)
        default:
            context.mismatch("true, false or a mapping", node)
            return nil
        }
    }
}

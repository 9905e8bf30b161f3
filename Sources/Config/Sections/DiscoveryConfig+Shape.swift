/// A section `discovery` before its keys have been compared.
struct DiscoveryDraft: Sendable {
    /// The name whose SRV records are asked for.
    var service: String?

    /// The file that lists servers.
    var file: FileReference?

    /// The keys of `discovery`.
    static let shape = Shape(
        DiscoveryDraft(),
        keys: [
            Key("srv", \.service, .optional(.serviceName)),
            Key("file", \.file, .optional(.serverFile)),
        ],
        check: { draft, present, mark, context in
            guard present.count != 1 else { return }
            context.error(
                "write either 'srv' or 'file'\(context.place)", at: mark)
        })

    /// What it says; nil where that was reported.
    var config: DiscoveryConfig? {
        service.map(DiscoveryConfig.service) ?? file.map(DiscoveryConfig.file)
    }
}

extension ValueKind<String> {
    /// A name that SRV records stand under.
    fileprivate static let serviceName = ValueKind.text("a name such as _http._tcp.api.example")
        .refined { text, _ throws(Refusal) in try HostText.name(text) }
}

extension ValueKind<FileReference> {
    /// The path of a file of servers.
    fileprivate static let serverFile = ValueKind { node, context in
        ValueKind<String>.path.decode(node, &context).map {
            FileReference(path: $0, mark: node.mark)
        }
    }
}

extension ValueKind<ResolveConfig> {
    /// `auto`, `off` or an interval.
    static let resolve = ValueKind<Duration>.duration(.seconds(1)...(.seconds(86_400)))
        .map(ResolveConfig.every).or("auto", .automatic).or("off", .off)
}

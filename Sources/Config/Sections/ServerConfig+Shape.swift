extension ServerConfig {
    /// The keys of a server that is more than an address.
    static let shape = Shape(
        ServerConfig(address: .unix(""), text: ""),
        keys: [
            Key("address", \.place, .place, required: true),
            Key("weight", \.weight, .integer(0...256)),
            Key("backup", \.isBackup, .boolean),
        ])

    /// The address and how it was written, which come together.
    fileprivate var place: Place {
        get { Place(address: address, text: text) }
        set { (address, text) = (newValue.address, newValue.text) }
    }

    /// Where a server is.
    fileprivate struct Place: Sendable {
        let address: AddressConfig
        let text: String
    }
}

extension ValueKind<ServerConfig> {
    /// A server of a backend: its address, or a mapping.
    static let server = ValueKind(
        nestedPaths: ServerConfig.shape.paths.map { ".\($0)" }
    ) { node, context in
        if case .mapping = node.content { return ServerConfig.shape.decode(node, &context) }
        return ValueKind<ServerConfig.Place>.place.decode(node, &context).map {
            ServerConfig(address: $0.address, text: $0.text)
        }
    }
}

extension ValueKind<ServerConfig.Place> {
    /// Where a server of a backend listens.
    fileprivate static let place = ValueKind<String>.text("an address such as 127.0.0.1:9000")
        .refined { text, context throws(Refusal) in
            ServerConfig.Place(address: try AddressText.connecting(text, context), text: text)
        }
}

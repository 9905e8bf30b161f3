extension DNSConfig {
    /// How many servers the C library asks.
    static let maximumServers = 3

    /// The keys of `dns`.
    static let shape = Shape(
        DNSConfig(),
        keys: [
            Key("servers", \.servers, ValueKind.oneOrMore(.nameServer).or("auto", []))
        ],
        check: { config, _, mark, context in
            guard config.servers.count > maximumServers else { return }
            context.error(
                "at most \(maximumServers) name servers are asked\(context.place)", at: mark)
        })
}

extension ValueKind<AddressConfig> {
    /// Where a name server listens, on port 53 unless said.
    fileprivate static let nameServer = ValueKind<String>.text("an address such as 192.0.2.53")
        .refined { text, context throws(Refusal) in
            let address = try AddressText.connecting(text, defaultPort: 53, context)
            guard case .ip = address else {
                throw Refusal("\(quoted(text)) is no IP address, as that of a name server is")
            }
            return address
        }
}

extension ValueKind<AddressConfig> {
    /// Where the proxy itself listens.
    static let listenAddress = ValueKind<String>.text("an address such as 0.0.0.0:8443")
        .refined { text, context throws(Refusal) in try AddressText.listening(text, context) }
}

extension ValueKind<BackendReference> {
    /// The name of a backend, or a URL.
    static let backendReference = ValueKind<String>.text("the name of a backend or a URL")
        .refined { text, context throws(Refusal) in try BackendReference.parse(text, context) }
}

extension ValueKind<LogTarget> {
    /// `stdout`, `stderr` or the path of a file.
    static let logTarget = ValueKind<String>.text("stdout, stderr or the path of a file")
        .refined { text, context throws(Refusal) -> LogTarget in
            switch text {
            case "stdout": .standardOutput
            case "stderr": .standardError
            default: .file(context.resolved(text))
            }
        }
}

extension ValueKind<AddressBlock> {
    /// An address, or a prefix and its length.
    static let addressBlock = ValueKind<String>.text("an address or a block such as 10.0.0.0/8")
        .refined { text, _ throws(Refusal) in
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count <= 2, let literal = IPLiteral(parts[0]),
                let length = parts.count == 2 ? Int(parts[1]) : literal.bitWidth,
                (0...literal.bitWidth).contains(length)
            else {
                throw Refusal(
                    "\(quoted(text)) is neither an address nor a block such as 10.0.0.0/8")
            }
            guard let block = AddressBlock(address: literal, prefixLength: length) else {
                let first = AddressBlock.masked(literal, to: length)
                throw Refusal(
                    "\(quoted(text)) has bits behind its prefix; write '\(first)/\(length)'")
            }
            return block
        }
}

extension ValueKind<String> {
    /// A host of a site.
    static let siteHost = ValueKind.text("a host such as shop.example or *.shop.example")
        .refined { text, _ throws(Refusal) in try HostText.siteHost(text) }

    /// The beginning of the paths that a route takes.
    static let routePath = ValueKind.text("the beginning of a path such as /api/")
        .refined { text, _ throws(Refusal) in
            guard text.hasPrefix("/") else {
                throw Refusal("\(quoted(text)) does not begin with '/'")
            }
            let isPlain = text.utf8.allSatisfy { byte in
                (0x21...0x7e).contains(byte) && byte != UInt8(ascii: "?")
                    && byte != UInt8(ascii: "#")
            }
            guard isPlain else {
                throw Refusal(
                    "\(quoted(text)) is not a path: '?', '#', spaces and other than ASCII"
                        + " do not occur in one; write them as %XX")
            }
            return text
        }
}

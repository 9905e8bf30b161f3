extension SiteDraft {
    /// Judges the keys of a site that is not HTTP beside each other.
    func checkTCP(_ present: Set<String>, _ mark: SourceMark, _ context: inout DecodingContext) {
        var fitting: Set = ["hosts", "protocol", "alpn", "backend"]
        if service.value == .tcp { fitting.formUnion(["certificates", "tls"]) }
        for key in present.subtracting(fitting).sorted() {
            let reason =
                service.value == .passthrough && (key == "certificates" || key == "tls")
                ? "the server ends TLS, with what it has" : "only HTTP sites have it"
            context.error(
                "'\(key)' does not go with 'protocol: \(service.value)'\(context.place): \(reason)",
                at: mark)
        }
        if !present.contains("backend") {
            context.error("missing key 'backend'\(context.place)", at: mark)
        }
    }
}

extension ValueKind<String> {
    /// The name of an application protocol (RFC 7301 §3.1).
    static let protocolName = ValueKind.text("the name of a protocol such as mqtt")
        .refined { text, _ throws(Refusal) in
            guard text.utf8.count <= 255, text.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
            else {
                throw Refusal("\(quoted(text)) is no name of a protocol")
            }
            return text
        }
}

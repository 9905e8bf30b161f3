internal import TLS

/// What backends are told of a client that has shown a certificate: field lines, written once for
/// each connection.
enum ClientFields {
    /// `Client-Cert` and, where the chain is known, `Client-Cert-Chain` (RFC 9440 §2), and
    /// `X-Forwarded-Client-Cert` in the form of Envoy; nothing for a client without a certificate.
    static func lines(of client: ClientIdentity?) -> [UInt8] {
        guard let client else { return [] }
        var lines = Array("Client-Cert: ".utf8)
        appendItem(client.certificate, to: &lines)
        if !client.chain.isEmpty {
            lines += "\r\nClient-Cert-Chain: ".utf8
            for (index, issuer) in client.chain.enumerated() {
                if index > 0 { lines += ", ".utf8 }
                appendItem(issuer, to: &lines)
            }
        }
        lines += "\r\nX-Forwarded-Client-Cert: Hash=".utf8
        lines += client.sha256Fingerprint.utf8
        // RFC 2253 §2.4 has put a backslash before what quotes would need one for.
        lines += ";Subject=\"".utf8
        lines += client.subject.filter { (0x20...0x7e).contains($0) }
        lines.append(UInt8(ascii: "\""))
        for uri in client.uris where isText(uri) {
            lines += ";URI=".utf8
            appendValue(uri, to: &lines)
        }
        for name in client.dnsNames where isText(name) {
            lines += ";DNS=".utf8
            appendValue(name, to: &lines)
        }
        lines += "\r\n".utf8
        return lines
    }

    /// A byte sequence of structured fields (RFC 8941 §3.3.5).
    private static func appendItem(_ bytes: [UInt8], to lines: inout [UInt8]) {
        lines.append(UInt8(ascii: ":"))
        lines += Base64.encode(bytes)
        lines.append(UInt8(ascii: ":"))
    }

    /// In quotes only where it could be taken for more than one value.
    private static func appendValue(_ value: [UInt8], to lines: inout [UInt8]) {
        if value.contains(where: { separators.contains($0) }) {
            appendQuoted(value, to: &lines)
        } else {
            lines += value
        }
    }

    private static func appendQuoted(_ value: [UInt8], to lines: inout [UInt8]) {
        lines.append(UInt8(ascii: "\""))
        for byte in value {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                lines.append(UInt8(ascii: "\\"))
            }
            lines.append(byte)
        }
        lines.append(UInt8(ascii: "\""))
    }

    /// True exactly when a name has nothing that could end a field: an authority may have vouched
    /// for any bytes.
    private static func isText(_ name: [UInt8]) -> Bool {
        !name.isEmpty && name.allSatisfy { (0x21...0x7e).contains($0) }
    }

    private static let separators = Array(",;=\"\\".utf8)
}

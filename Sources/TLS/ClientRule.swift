/// Who may come: one entry of a list of permissions.
///
/// What it is compared with follows from its text: a name of one kind never passes for one of
/// another.
enum ClientRule: Equatable, Sendable {
    /// A subject as in RFC 2253, letter for letter.
    case subject([UInt8])
    /// A URI, letter for letter.
    case uri([UInt8])
    /// A mailbox, letter for letter.
    case email([UInt8])
    /// A DNS name in lower case.
    case dns([UInt8])
    /// What stands behind the first label of a DNS name, with its dot, in lower case.
    case dnsBelow([UInt8])

    /// Reads an entry: the first of `=`, `:` and `@` tells what it is, a DNS name has none.
    init(_ text: String) {
        let bytes = Array(text.utf8)
        let mark = bytes.first { byte in
            byte == UInt8(ascii: "=") || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "@")
        }
        switch mark {
        case UInt8(ascii: "="): self = .subject(bytes)
        case UInt8(ascii: ":"): self = .uri(bytes)
        case UInt8(ascii: "@"): self = .email(bytes)
        default:
            let name = bytes.map(ClientRule.lowercased)
            self = name.starts(with: "*.".utf8) ? .dnsBelow(Array(name.dropFirst())) : .dns(name)
        }
    }

    /// True exactly when this is about the client.
    func matches(_ client: ClientIdentity) -> Bool {
        switch self {
        case .subject(let subject):
            client.subject == subject || client.plainSubject == subject
        case .uri(let uri): client.uris.contains(uri)
        case .email(let email): client.emails.contains(email)
        case .dns(let name):
            client.dnsNames.contains { $0.lazy.map(ClientRule.lowercased).elementsEqual(name) }
        case .dnsBelow(let suffix):
            client.dnsNames.contains { name in
                // One label, never more and never none (RFC 9525 §6.3).
                guard let dot = name.firstIndex(of: UInt8(ascii: ".")), dot > 0 else {
                    return false
                }
                return name[dot...].lazy.map(ClientRule.lowercased).elementsEqual(suffix)
            }
        }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}

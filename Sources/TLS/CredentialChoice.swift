internal import Bytes

/// Which certificates of a site a client is shown: of each kind of key the first that covers the
/// host it asks for, or else the first of that kind.
///
/// Most sites have one of each kind, and nothing to choose.
struct CredentialChoice: Sendable {
    /// The certificates of one kind of key, by their places among the site's.
    private struct Kind: Sendable {
        /// The first of them.
        let first: Int
        /// Where the names that are no wildcards stand first; empty where there is one certificate.
        let exact: HostTable
        /// The same of what stands behind `*.`.
        let wildcard: HostTable

        init(_ places: [Int], _ credentials: [Credential]) {
            first = places[0]
            let isAlone = places.count == 1
            let count = isAlone ? 0 : places.reduce(0) { $0 + credentials[$1].names.count }
            var exact = HostTable(capacity: count)
            var wildcard = HostTable(capacity: count)
            for place in places where !isAlone {
                for name in credentials[place].names {
                    if name.utf8.starts(with: "*.".utf8) {
                        wildcard.insert(String(name.dropFirst(2)), value: place)
                    } else {
                        exact.insert(name, value: place)
                    }
                }
            }
            self.exact = exact
            self.wildcard = wildcard
        }
    }

    /// In the order of their first certificates.
    private let kinds: [Kind]

    /// How many kinds of keys there are.
    var kindCount: Int { kinds.count }

    /// Looks at a site's certificates; nil where there is nothing to choose.
    init?(_ credentials: [Credential]) {
        guard credentials.count > 1 else { return nil }
        var kinds: [[Int]] = []
        for place in credentials.indices {
            let kind = kinds.firstIndex { kind in
                credentials[kind[0]].keyForm.isKin(to: credentials[place].keyForm)
            }
            if let kind { kinds[kind].append(place) } else { kinds.append([place]) }
        }
        guard kinds.count < credentials.count else { return nil }
        self.kinds = kinds.map { Kind($0, credentials) }
    }

    /// The place of the certificate of a kind that is shown to who asks for `host`, in any case,
    /// with or without a final dot; empty where it asks for none.
    func place(of kind: Int, for host: Span<UInt8>) -> Int {
        let kind = kinds[kind]
        var name = host
        if name.count > 1, name[name.count - 1] == UInt8(ascii: ".") {
            name = name.extracting(0..<(name.count - 1))
        }
        var place = kind.exact.find(name) ?? .max
        if let dot = name.firstIndex(of: UInt8(ascii: ".")), dot > 0, dot + 1 < name.count {
            // One label, never more (RFC 9525 §6.3).
            let parent = name.extracting((dot + 1)..<name.count)
            place = min(place, kind.wildcard.find(parent) ?? .max)
        }
        return place == .max ? kind.first : place
    }
}

extension KeyForm {
    /// True exactly when OpenSSL has room for one of the two only.
    fileprivate func isKin(to other: KeyForm) -> Bool {
        self != .other && (self == other || (isECDSA && other.isECDSA))
    }
}

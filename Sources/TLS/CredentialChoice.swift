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
        /// Where each name stands first; none where there is one certificate.
        let names: HostNames

        init(_ places: [Int], _ credentials: [Credential]) {
            first = places[0]
            let choices = places.count == 1 ? [] : places
            var names = HostNames(
                capacity: choices.reduce(0) { $0 + credentials[$1].names.count })
            for place in choices {
                for name in credentials[place].names { names.insert(name, value: place) }
            }
            self.names = names
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
        kinds[kind].names.findLowest(host) ?? kinds[kind].first
    }
}

extension KeyForm {
    /// True exactly when OpenSSL has room for one of the two only.
    fileprivate func isKin(to other: KeyForm) -> Bool {
        self != .other && (self == other || (isECDSA && other.isECDSA))
    }
}

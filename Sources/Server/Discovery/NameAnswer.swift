internal import Platform

/// What a name stands for.
enum NameAnswer: Sendable, Equatable {
    /// Addresses with port 0.
    case addresses([SocketAddress])
    /// Services of a name with SRV records.
    case services([DNSService])

    /// What is known once `next` has come: the same where only the order differs, since name
    /// servers turn it; of the family that could not be asked for, what was known.
    func followed(by next: NameAnswer, isPartial: Bool) -> NameAnswer {
        switch (self, next) {
        case (.addresses(let old), .addresses(var new)):
            if isPartial {
                let hasIPv4 = new.contains { $0.isIPv4 }
                let hasIPv6 = new.contains { !$0.isIPv4 }
                new += old.filter { $0.isIPv4 ? !hasIPv4 : !hasIPv6 }
            }
            return Set(old) == Set(new) ? self : .addresses(new)
        case (.services(let old), .services(let new)):
            return Set(old) == Set(new) ? self : next
        default: return next
        }
    }
}

extension SocketAddress {
    /// True exactly for IPv4.
    fileprivate var isIPv4: Bool {
        if case .ipv4 = self { true } else { false }
    }
}

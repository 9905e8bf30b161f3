/// Messages of name servers, as bytes (RFC 1035 §4).
public enum DNSWire {
    /// A record of an answer.
    public struct Record: Sendable {
        /// The name; nil for the one that was asked for.
        let owner: String?
        let type: UInt16
        let ttl: UInt32
        let content: [UInt8]

        /// Any record.
        public init(owner: String? = nil, type: UInt16, ttl: UInt32, _ content: [UInt8]) {
            self.owner = owner
            self.type = type
            self.ttl = ttl
            self.content = content
        }

        /// An IPv4 address.
        public static func ipv4(_ text: String, ttl: UInt32, owner: String? = nil) -> Record {
            let bytes = text.split(separator: ".").map { UInt8($0) ?? 0 }
            return Record(owner: owner, type: 1, ttl: ttl, bytes)
        }

        /// An IPv6 address, by its 16 bytes.
        public static func ipv6(_ bytes: [UInt8], ttl: UInt32) -> Record {
            Record(type: 28, ttl: ttl, bytes)
        }

        /// The loopback's IPv6 address.
        public static func ipv6Loopback(ttl: UInt32) -> Record {
            ipv6([UInt8](repeating: 0, count: 15) + [1], ttl: ttl)
        }

        /// Another name's.
        public static func alias(_ target: String, ttl: UInt32) -> Record {
            Record(type: 5, ttl: ttl, DNSWire.name(target))
        }

        /// A service.
        public static func service(
            _ priority: UInt16, _ weight: UInt16, _ port: UInt16, _ target: String, ttl: UInt32
        ) -> Record {
            Record(
                type: 33, ttl: ttl,
                DNSWire.word(priority) + DNSWire.word(weight) + DNSWire.word(port)
                    + DNSWire.name(target))
        }

        var bytes: [UInt8] {
            (owner.map(DNSWire.name) ?? [0xc0, 12]) + DNSWire.word(type) + DNSWire.word(1)
                + DNSWire.word(UInt16(ttl >> 16)) + DNSWire.word(UInt16(ttl & 0xffff))
                + DNSWire.word(UInt16(content.count)) + content
        }
    }

    /// What was asked.
    public struct Question {
        /// In lower case, without a dot at its end.
        public let name: String
        /// `A`, `AAAA`, `SRV` or a number.
        public let type: String
        private let id: [UInt8]
        private let bytes: [UInt8]

        /// Reads a query.
        public init?(_ query: [UInt8]) {
            guard query.count > 16 else { return nil }
            var place = 12
            var labels: [String] = []
            while place < query.count, query[place] > 0 {
                let end = place + 1 + Int(query[place])
                guard end < query.count else { return nil }
                labels.append(String(decoding: query[(place + 1)..<end], as: UTF8.self))
                place = end
            }
            guard place + 5 <= query.count else { return nil }
            name = labels.joined(separator: ".").lowercased()
            let number = Int(query[place + 1]) << 8 | Int(query[place + 2])
            type = [1: "A", 28: "AAAA", 33: "SRV"][number] ?? "\(number)"
            id = Array(query[..<2])
            bytes = Array(query[12..<(place + 5)])
        }

        /// Makes an answer; `count` is how many records it says it has.
        public func reply(
            code: UInt8, _ records: [Record], isTruncated: Bool = false, count: Int? = nil
        ) -> [UInt8] {
            let count = UInt16(count ?? records.count)
            let head = id + [isTruncated ? 0x87 : 0x85, 0x80 | code, 0, 1]
            return head + DNSWire.word(count) + [0, 0, 0, 0] + bytes + records.flatMap(\.bytes)
        }
    }

    /// An answer about `a.example` without a query.
    public static func answer(_ records: [Record]) -> [UInt8] {
        [0, 1, 0x85, 0x80, 0, 1] + word(UInt16(records.count)) + [0, 0, 0, 0] + name("a.example")
            + [0, 1, 0, 1] + records.flatMap(\.bytes)
    }

    /// A name without pointers.
    public static func name(_ text: String) -> [UInt8] {
        text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
    }

    static func word(_ number: UInt16) -> [UInt8] { [UInt8(number >> 8), UInt8(number & 0xff)] }
}

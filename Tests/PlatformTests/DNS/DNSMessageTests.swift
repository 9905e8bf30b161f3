import TestSupport
import Testing

@testable import Platform

struct DNSMessageTests {
    private static let whole = DNSWire.answer([
        .alias("b.example", ttl: 30), .ipv4("10.0.0.1", ttl: 60),
        .ipv6([0x20, 1, 0xd, 0xb8] + [UInt8](repeating: 0, count: 11) + [7], ttl: 0x8000_0001),
        .service(1, 2, 8080, "c.example", ttl: 5), DNSWire.Record(type: 16, ttl: 1, [1, 65]),
    ])

    @Test("Records are read in their order; others and those of other families are left out")
    func records() {
        #expect(
            DNSMessage.records(DNSMessageTests.whole) == [
                DNSRecord(.alias, ttl: 30), DNSRecord(.ipv4(0x0a00_0001), ttl: 60),
                DNSRecord(.ipv6(0x2001_0db8_0000_0000, 7), ttl: 0),
                DNSRecord(
                    .service(DNSService(priority: 1, weight: 2, port: 8080, target: "c.example")),
                    ttl: 5),
            ])
    }

    @Test("An answer that is cut anywhere is none")
    func cuts() {
        for count in 0..<DNSMessageTests.whole.count {
            #expect(DNSMessage.records(Array(DNSMessageTests.whole[..<count])) == nil, "\(count)")
        }
    }

    @Test(
        "What breaks a rule is no answer",
        arguments: [
            // A pointer to itself, one forward, one into the head, one without its second byte.
            [0xc0, 27, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0], [0xc0, 60, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0],
            [0xc0, 3, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0], [0xc0],
            // A label of a length that there is none of, one that is longer than the rest.
            [0x80, 1, 0, 1, 0, 1], [63, 65, 65],
            // Addresses of a wrong size, a service without target, more content than there is.
            [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 3, 1, 2, 3],
            [0xc0, 12, 0, 28, 0, 1, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4],
            [0xc0, 12, 0, 33, 0, 1, 0, 0, 0, 0, 0, 6, 0, 1, 0, 1, 0, 1],
            [0xc0, 12, 0, 33, 0, 1, 0, 0, 0, 0, 0, 10, 0, 1, 0, 1, 0, 1, 1, 97, 0, 0],
            [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4],
        ] as [[UInt8]])
    func broken(record: [UInt8]) {
        var bytes = DNSWire.answer([])
        bytes[7] = 1
        #expect(DNSMessage.records(bytes + record) == nil)
    }

    @Test("A name that no host has is left out; one that is too long is no name")
    func names() {
        let odd = DNSWire.Record.service(1, 1, 1, "a b.example", ttl: 1)
        #expect(DNSMessage.records(DNSWire.answer([odd])) == [])
        let label = String(repeating: "a", count: 63)
        let longest = [label, label, label, String(repeating: "b", count: 61)]
        let fits = DNSWire.Record.service(1, 1, 1, longest.joined(separator: "."), ttl: 1)
        #expect(DNSMessage.records(DNSWire.answer([fits]))?.count == 1)
        let long = DNSWire.Record.service(
            1, 1, 1, ([label, label, label, label]).joined(separator: "."), ttl: 1)
        #expect(DNSMessage.records(DNSWire.answer([long])) == nil)
    }

    @Test("Bytes that somebody has changed end in an answer or none")
    func mutations() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var bytes = DNSMessageTests.whole
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(
                    in: 0...255, using: &generator)
            }
            _ = DNSMessage.records(bytes)
        }
    }
}

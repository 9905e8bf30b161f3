import Bytes
import FuzzChecks
import Testing

@testable import TLS

/// What is seen of a ClientHello before TLS.
struct ClientHelloScannerTests {
    private static func scan(_ bytes: [UInt8], step: Int = .max) -> ClientHelloScanner {
        var scanner = ClientHelloScanner()
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + min(step, bytes.count))
            _ = scanner.scan(bytes.span.extracting(start..<end))
            start = end
        }
        return scanner
    }

    /// A ClientHello in records of `step` bytes.
    private static func hello(
        _ extensions: [(type: Int, body: [UInt8])], step: Int = 16_384, padding: Int = 0
    ) -> [UInt8] {
        var list: [UInt8] = []
        for (type, body) in extensions { list += number(type) + number(body.count) + body }
        if padding > 0 {
            list += number(21) + number(padding) + [UInt8](repeating: 0, count: padding)
        }
        let head = [3, 3] + [UInt8](repeating: 9, count: 32) + [0, 0, 2, 0x13, 1, 1, 0]
        let body = head + number(list.count) + list
        let message = [1, 0] + number(body.count) + body
        var wire: [UInt8] = []
        var start = 0
        while start < message.count {
            let piece = message[start..<min(message.count, start + step)]
            wire += [22, 3, 1] + number(piece.count) + piece
            start += piece.count
        }
        return wire
    }

    private static func number(_ value: Int) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 255)] }

    private static func name(_ text: String) -> (type: Int, body: [UInt8]) {
        (0, number(text.utf8.count + 3) + [0] + number(text.utf8.count) + Array(text.utf8))
    }

    private static func protocols(_ names: [String]) -> (type: Int, body: [UInt8]) {
        let list = names.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        return (16, number(list.count) + list)
    }

    @Test("Name and protocols are found, however records and reads cut the message")
    func found() {
        for recordBytes in [1, 2, 3, 50, 16_384] {
            let wire = ClientHelloScannerTests.hello(
                [
                    (0x0a0a, []), ClientHelloScannerTests.name("A.test"), (0xfe0d, [1, 2, 3]),
                    ClientHelloScannerTests.protocols(["mqtt", "h2"]), (0xfafa, [0]),
                ], step: recordBytes)
            for step in [1, 2, 7, .max] {
                let scanner = ClientHelloScannerTests.scan(wire, step: step)
                #expect(scanner.outcome == .complete)
                #expect(scanner.serverName == "A.test")
                #expect(scanner.offeredProtocols == ["mqtt", "h2"])
            }
            let cut = ClientHelloScannerTests.scan(Array(wire.dropLast()))
            #expect(cut.outcome == .needsMore && cut.serverName == nil)
        }
    }

    @Test("A ClientHello without name or extensions is complete")
    func without() {
        let scanner = ClientHelloScannerTests.scan(ClientHelloScannerTests.hello([]))
        #expect(scanner.outcome == .complete)
        #expect(scanner.serverName == nil && scanner.offeredProtocols.isEmpty)
    }

    @Test("A message may be so large, and be cut into so many records, and no more")
    func bounds() {
        let empty = ClientHelloScannerTests.hello([]).count - 5
        let room = ClientHelloScanner.messageLimit - empty - 4
        for (padding, outcome) in [
            (room - 1, ClientHelloScanner.Outcome.complete), (room, .complete),
            (room + 1, .unusable),
        ] {
            let wire = ClientHelloScannerTests.hello([], step: 4_096, padding: padding)
            #expect(ClientHelloScannerTests.scan(wire).outcome == outcome, "\(padding)")
        }
        let limit = ClientHelloScanner.recordLimit
        for (count, outcome) in [
            (limit - 1, ClientHelloScanner.Outcome.complete), (limit, .complete),
            (limit + 1, .unusable),
        ] {
            let wire = ClientHelloScannerTests.hello([], step: 1, padding: count - empty - 4)
            #expect(ClientHelloScannerTests.scan(wire).outcome == outcome, "\(count)")
        }
    }

    @Test(
        "What is not beyond doubt is unusable from the first byte that shows it",
        arguments: [
            [21], [22, 2], [22, 3, 1, 0, 0], [22, 3, 1, 0x40, 1], [22, 3, 1, 0, 4, 2, 0, 0, 0],
            [22, 3, 1, 0, 4, 1, 0, 0, 0], [22, 3, 1, 0, 4, 1, 0, 0x40, 0],
            [22, 3, 1, 0, 4, 1, 1, 0, 0],
            [22, 3, 1, 0, 5, 1, 0, 0, 1, 3], [0x80, 0x2e], Array("GET".utf8),
        ] as [[UInt8]])
    func unusable(_ bytes: [UInt8]) {
        #expect(ClientHelloScannerTests.scan(bytes).outcome == .unusable)
        #expect(
            ClientHelloScannerTests.scan(Array(bytes.dropLast())).outcome == .needsMore
                || bytes.count <= 2 || bytes[0] != 22)
        // What follows changes nothing.
        #expect(ClientHelloScannerTests.scan(bytes + [22, 3, 1], step: 1).outcome == .unusable)
    }

    @Test(
        "An extension that is malformed, or there twice, makes the message unusable",
        arguments: [
            [name("a"), name("a")], [(0, [])], [(0, [0, 0])], [(0, [0, 3, 0, 0, 0])],
            [(0, [0, 4, 1, 0, 1, 97])], [(0, [0, 5, 0, 0, 1, 97, 98])], [(0, [0, 4, 0, 0, 2, 97])],
            [(0, [0, 4, 0, 0, 1, 97, 0])], [name(String(repeating: "a", count: 256))],
            [protocols(["a"]), protocols(["a"])], [(16, [])], [(16, [0, 0])], [(16, [0, 1, 0])],
            [(16, [0, 2, 2, 97])], [(16, [0, 3, 1, 97])],
        ] as [[(type: Int, body: [UInt8])]])
    func malformed(_ extensions: [(type: Int, body: [UInt8])]) {
        let wire = ClientHelloScannerTests.hello(extensions)
        #expect(ClientHelloScannerTests.scan(wire).outcome == .unusable)
    }

    @Test("Every input of the corpus keeps the properties of its target")
    func corpus() throws {
        let inputs = try Corpus.inputs(of: "Hellos")
        #expect(!inputs.isEmpty)
        for (name, bytes) in inputs {
            do throws(Broken) { try HelloCheck.run(bytes) } catch {
                Issue.record("\(name): \(error)")
            }
        }
    }

    @Test("What the corpus becomes by mutation keeps the properties, too")
    func mutated() throws {
        var state: UInt64 = 1
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for (name, bytes) in try Corpus.inputs(of: "Hellos") where bytes.count < 2_000 {
            for round in 0..<60 {
                var copy = bytes
                for _ in 0...random(3) { copy[random(copy.count)] = UInt8(random(256)) }
                do throws(Broken) { try HelloCheck.run(copy) } catch {
                    Issue.record("\(name), round \(round): \(error)")
                }
            }
        }
    }

    @Test(
        "The corpus is seen for what it is",
        arguments: [
            ("plain", "www.example"), ("alpn", "www.example"), ("tls12", "www.example"),
            ("records", "www.example"), ("tiny-records", "www.example"), ("grease", "a.test"),
            ("ech", "outer.test"), ("padded", "a.test"), ("coalesced", "www.example"),
        ])
    func seen(_ name: String, _ host: String) throws {
        let input = try Corpus.inputs(of: "Hellos").first { $0.name == name }
        let scanner = ClientHelloScannerTests.scan(try #require(input).bytes, step: 100)
        #expect(scanner.outcome == .complete && scanner.serverName == host)
    }
}

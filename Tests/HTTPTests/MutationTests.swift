import Bytes
import TestSupport
import Testing

@testable import HTTP

/// Messages that a generator has damaged: nothing traps, and the way in which they arrive never
/// changes the result.
struct MutationTests {
    private static let pieces = [
        "\r\n", "\r\n\r\n", "\r", "\n", " ", "\t", "\0", ":", ": ", ",", ";", "#", "?", "/", "*",
        "[", "]",
        "[::1]", "HTTP/1.0", "HTTP/1.1", "HTTP/2.0", "Host: a\r\n", "Content-Length: 5\r\n",
        "Transfer-Encoding: chunked\r\n", "Connection: close, upgrade, host\r\n", "Upgrade: a\r\n",
        "Expect: 100-continue\r\n", "chunked", "http://a", "CONNECT", "0\r\n", "ffffffffffffffff",
        "7fffffffffffffff", "99999999999999999999", "\u{7f}", "é", "100", "304", "-1", "+1",
    ].map { Array($0.utf8) }

    /// A message with some of it changed.
    static func mutate(
        _ message: [UInt8], _ generator: inout SeededGenerator
    ) -> [UInt8] {
        var message = message
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let start = Int.random(in: 0...message.count, using: &generator)
            let length = Int.random(in: 0...8, using: &generator)
            let range = start..<min(message.count, start + length)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: message.removeSubrange(range)
            case 1: message.insert(contentsOf: Array(message[range]), at: start)
            case 2: message.insert(UInt8.random(in: 0...255, using: &generator), at: start)
            case 3 where start < message.count:
                message[start] = UInt8.random(in: 0...255, using: &generator)
            default:
                message.replaceSubrange(range, with: pieces.randomElement(using: &generator) ?? [])
            }
        }
        return message
    }

    private static func limits(_ generator: inout SeededGenerator) -> MessageLimits {
        guard Int.random(in: 0..<4, using: &generator) == 0 else { return .init() }
        return MessageLimits(
            headBytes: Int.random(in: 0...150, using: &generator),
            fieldCount: Int.random(in: 0...6, using: &generator),
            trailerBytes: Int.random(in: 0...20, using: &generator))
    }

    /// Growing ends of which the last is `count`.
    private static func ends(_ count: Int, _ generator: inout SeededGenerator) -> [Int] {
        let cuts = (0..<4).map { _ in Int.random(in: 0...count, using: &generator) }
        return cuts.sorted() + [count]
    }

    /// Damages messages by turns: whole, byte by byte and in parts, each mutant is the same.
    private func check<Facts: Equatable>(
        _ messages: [String], _ seed: UInt64, isComplete: (Facts) -> Bool,
        parse: ([UInt8], [Int], MessageLimits) -> Facts
    ) {
        let messages = messages.map { Array($0.utf8) }
        var generator = SeededGenerator(seed: seed)
        var completed = 0
        for round in 0..<2500 {
            let mutant = MutationTests.mutate(messages[round % messages.count], &generator)
            let limits = MutationTests.limits(&generator)
            let whole = parse(mutant, [mutant.count], limits)
            let bytewise = parse(mutant, Array(0...mutant.count), limits)
            let parts = parse(mutant, MutationTests.ends(mutant.count, &generator), limits)
            if whole != bytewise || whole != parts {
                Issue.record(
                    "\(String(decoding: mutant, as: UTF8.self).debugDescription) \(limits)")
            }
            if isComplete(whole) { completed += 1 }
        }
        #expect(completed > 200)
        #expect(completed < 2300)
    }

    @Test(
        "Damaged requests are parsed the same however they come", arguments: [1, 2, 3] as [UInt64])
    func requests(_ seed: UInt64) {
        let messages = [
            "GET /a?b HTTP/1.1\r\nHost: a.example:80\r\nConnection: x-a, close\r\n"
                + "X-A: 1\r\n\r\nGET",
            "POST http://b/ HTTP/1.1\r\nhost: [::1]:8\r\nTransfer-Encoding: chunked\r\n\r\n",
            "\r\nPUT / HTTP/1.0\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nabcde",
            "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: b\r\n"
                + "Expect: 100-continue\r\n\r\n",
        ]
        check(
            messages, seed, isComplete: { if case .complete = $0.outcome { true } else { false } }
        ) { parseRequest($0, ends: $1, limits: $2) }
    }

    @Test("Damaged responses are parsed the same however they come", arguments: [4, 5] as [UInt64])
    func responses(_ seed: UInt64) {
        let messages = [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: x-a\r\nX-A: 1\r\n\r\nabcde",
            "HTTP/1.1 204\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.0 404 Not Found\r\nConnection: keep-alive\r\nServer: a\r\n\r\n",
            "HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: b\r\n\r\n",
        ]
        check(
            messages, seed, isComplete: { if case .complete = $0.outcome { true } else { false } }
        ) { parseResponse($0, ends: $1, limits: $2) }
    }

    /// A part may have passed before the fault came: what is passed on is the same, only earlier.
    @Test(
        "Damaged bodies are decoded the same however they come", arguments: [6, 7, 8] as [UInt64])
    func bodies(_ seed: UInt64) {
        let message =
            "3\r\nabc\r\nA;x=\"y\"\r\n0123456789\r\n0\r\nA: b\r\nCd: ef\r\n\r\nGET"
        check([message], seed, isComplete: { if case .complete = $0.end { true } else { false } }) {
            decode($0, ends: $1, limits: $2)
        }
    }
}

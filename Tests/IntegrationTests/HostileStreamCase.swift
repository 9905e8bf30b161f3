import TestSupport
import Testing

/// One thing that a hostile client of HTTP/2 sends, and what may come of it.
struct HostileStreamCase: Sendable, CustomTestStringConvertible {
    /// What the client gets, and what the backend may see.
    enum Outcome: Sendable {
        /// RST_STREAM with this code on stream 1; the connection goes on, the backend sees nothing.
        case reset(UInt32)
        /// GOAWAY with one of these codes, and the end of the connection.
        case goAway([UInt32])
        /// An answer of our own on stream 1; the connection goes on.
        case answered(Int)
        /// 200 on stream 1, and one request that the backend sees.
        case passed
    }

    let name: String
    let sent: [UInt8]
    let outcome: Outcome
    let hidden: [String]
    let shown: [String]

    var testDescription: String { name }

    init(
        _ name: String, _ sent: [UInt8], _ outcome: Outcome = .reset(1), hidden: [String] = [],
        shown: [String] = []
    ) {
        self.name = name
        self.sent = sent
        self.outcome = outcome
        self.hidden = hidden
        self.shown = shown
    }

    /// A request that is whole with its head.
    static func head(
        _ name: String, _ fields: [(String, String)], _ outcome: Outcome = .reset(1),
        hidden: [String] = [], shown: [String] = []
    ) -> HostileStreamCase {
        HostileStreamCase(name, Frame.headers(1, fields), outcome, hidden: hidden, shown: shown)
    }

    /// A good GET with more fields.
    static func get(
        _ name: String, _ fields: [(String, String)], _ outcome: Outcome = .reset(1),
        hidden: [String] = [], shown: [String] = []
    ) -> HostileStreamCase {
        head(name, base("GET") + fields, outcome, hidden: hidden, shown: shown)
    }

    /// A good POST with more fields, and a body.
    static func post(
        _ name: String, _ fields: [(String, String)], body: [UInt8], _ outcome: Outcome = .reset(1),
        hidden: [String] = [], shown: [String] = []
    ) -> HostileStreamCase {
        HostileStreamCase(
            name, Frame.headers(1, base("POST") + fields, end: false) + body, outcome,
            hidden: hidden, shown: shown)
    }

    /// A good GET but for one pseudo-field, which has this value, or is not there.
    static func pseudo(
        _ name: String, _ field: String, _ value: String?, _ outcome: Outcome = .reset(1),
        method: String = "GET", hidden: [String] = [], shown: [String] = []
    ) -> HostileStreamCase {
        let fields = base(method).compactMap { pair in
            pair.0 == field ? value.map { (field, $0) } : pair
        }
        return head(
            name, fields + [("x-case", path)], outcome, hidden: hidden, shown: shown)
    }

    /// The pseudo-fields of a good request.
    static func base(_ method: String) -> [(String, String)] {
        [
            (":method", method), (":scheme", "https"), (":authority", "localhost"), (":path", path),
        ]
    }

    /// Where the case's number stands; it has three digits.
    static let path = "/case-@@@"

    /// What a lax reader behind us takes for the next request.
    static let smuggled = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"

    /// The bytes with the case's number in place of the signs.
    func bytes(_ number: Int) -> [UInt8] {
        let digits = Array(String(String(1_000 + number).dropFirst()).utf8)
        var bytes = sent
        for index in bytes.indices.dropLast(2) where bytes[index...(index + 2)] == [64, 64, 64] {
            bytes.replaceSubrange(index...(index + 2), with: digits)
        }
        return bytes
    }
}

extension HostileRun {
    /// Runs all cases, each on a connection of its own, and judges.
    func run(_ cases: [HostileStreamCase]) throws {
        for (number, hostile) in cases.enumerated() {
            do {
                try run(hostile, number)
            } catch {
                Issue.record("\(number) \(hostile.name): \(error)")
            }
        }
        expectWell()
        try martlet.waitUntilIdle()
        judge(
            cases.map { one in
                if case .passed = one.outcome { return (one.name, 1, one.hidden, one.shown) }
                return (one.name, 0, one.hidden, one.shown)
            })
        expectWell()
    }

    private func run(_ hostile: HostileStreamCase, _ number: Int) throws {
        let client = try StreamPeer(martlet)
        let label = "\(number) \(hostile.name)"
        // A refusal may come before all is sent.
        try? client.send(hostile.bytes(number))
        if case .goAway(let codes) = hostile.outcome {
            try client.drain()
            #expect(codes.contains(client.goAway ?? 0), "\(label): \(client.streams)")
            #expect(client.goAway != nil, "\(label): \(client.streams)")
            return
        }
        let stream = try client.stream(1)
        switch hostile.outcome {
        case .reset(let code):
            #expect(stream.reset == code && stream.status == nil, "\(label): \(stream)")
        case .answered(let status):
            #expect(stream.status == status && stream.isComplete, "\(label): \(stream)")
        case .passed:
            #expect(stream.status == 200 && stream.isComplete, "\(label): \(stream)")
        case .goAway: break
        }
        // A stream's fault is not the connection's (RFC 9113 §5.4.2).
        let later = try client.get("/other", on: 2_001)
        #expect(later.status == 200, "\(label): \(later), GOAWAY \(client.goAway ?? 0)")
        try client.peer.finish()
    }
}

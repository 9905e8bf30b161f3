import TestSupport
import Testing

/// One thing that a hostile client sends, and what may come of it.
///
/// In `sent`, `@@` stands for the case's number: each request that the backend gets carries it.
struct HostileCase: Sendable, CustomTestStringConvertible {
    /// What the client gets, and what the backend may see.
    enum Outcome: Sendable {
        /// One answer with this status, then the end of the connection; the backend sees nothing.
        case refused(Int)
        /// As above, but the head was good: the backend may have seen the begin of the request.
        case refusedInBody(Int)
        /// So many answers with 200, to as many requests that the backend sees.
        case passed(Int)
        /// So many answers with 200, then a refusal.
        case passedThenRefused(Int, Int)
        /// One answer of our own, and the connection may go on.
        case answered(Int)
        /// The end of the connection without an answer.
        case closed
    }

    let name: String
    let sent: String
    let outcome: Outcome
    /// What must not stand in what the backend gets, in lower case.
    var hidden: [String] = []
    /// What must stand there.
    var shown: [String] = []

    var testDescription: String { name }

    init(
        _ name: String, _ sent: String, _ outcome: Outcome = .refused(400), hidden: [String] = [],
        shown: [String] = []
    ) {
        self.name = name
        self.sent = sent
        self.outcome = outcome
        self.hidden = hidden
        self.shown = shown
    }

    /// What a lax reader takes for the next request.
    static let smuggled = "GET /smuggled-@@ HTTP/1.1\r\nHost: localhost\r\n\r\n"

    /// A POST with these fields beside Host.
    static func post(
        _ name: String, _ fields: String, body: String = smuggled,
        _ outcome: Outcome = .refused(400), hidden: [String] = [], shown: [String] = []
    ) -> HostileCase {
        let head = "POST /case-@@ HTTP/1.1\r\nHost: localhost\r\n"
        return HostileCase(
            name, head + fields + "\r\n\r\n" + body, outcome, hidden: hidden, shown: shown)
    }

    /// A GET with these fields beside Host.
    static func get(
        _ name: String, _ fields: String, then rest: String = "",
        _ outcome: Outcome = .refused(400), hidden: [String] = [], shown: [String] = []
    ) -> HostileCase {
        let head = "GET /case-@@ HTTP/1.1\r\nHost: localhost\r\n"
        return HostileCase(
            name, head + fields + "\r\n\r\n" + rest, outcome, hidden: hidden, shown: shown)
    }

    /// A request line with the rest of a good GET.
    static func line(
        _ name: String, _ line: String, _ outcome: Outcome = .refused(400), shown: [String] = []
    ) -> HostileCase {
        HostileCase(
            name, line + "\r\nHost: localhost\r\nX-Case: case-@@\r\n\r\n" + smuggled, outcome,
            shown: shown)
    }

    /// A POST in chunks.
    static func chunks(
        _ name: String, _ body: String, _ outcome: Outcome = .refusedInBody(400),
        hidden: [String] = []
    ) -> HostileCase {
        post(name, "Transfer-Encoding: chunked", body: body, outcome, hidden: hidden)
    }

    /// How many whole requests of this case the backend sees.
    var wanted: Int {
        switch outcome {
        case .refused, .refusedInBody, .closed, .answered: 0
        case .passed(let count), .passedThenRefused(let count, _): count
        }
    }
}

/// Cases run against one instance, and judged by what one backend got.
struct HostileRun {
    let origin: RecordingOrigin
    let martlet: MartletInstance

    init(more: String = "") throws {
        origin = try RecordingOrigin()
        martlet = try MartletInstance(sites: MartletInstance.site(origin.address), more: more)
    }

    /// Runs all cases, each on a connection of its own, and judges.
    func run(_ cases: [HostileCase]) throws {
        for (number, hostile) in cases.enumerated() {
            do {
                try run(hostile, number)
            } catch {
                Issue.record("\(number) \(hostile.name): \(error)")
            }
        }
        expectWell()
        try martlet.waitUntilIdle()
        judge(cases.map { ($0.name, $0.wanted, $0.hidden, $0.shown) })
        expectWell()
    }

    /// The instance still serves; its log says why where it does not.
    func expectWell() {
        do {
            #expect(try martlet.request("/after").status == 200)
        } catch {
            Issue.record("\(error): \(martlet.process.errors.text.suffix(6_000))")
        }
    }

    private func run(_ hostile: HostileCase, _ number: Int) throws {
        let peer = try martlet.connect()
        // The refusal may come before all is sent.
        try? peer.send(Frame.latin(hostile.sent.replacing("@@", with: "\(number)")))
        let label = "\(number) \(hostile.name)"
        var answers: [(Int, Bool)] = []
        switch hostile.outcome {
        case .refused(let status), .refusedInBody(let status): answers = [(status, true)]
        case .passed(let count): answers = Array(repeating: (200, false), count: count)
        case .passedThenRefused(let count, let status):
            answers = Array(repeating: (200, false), count: count) + [(status, true)]
        case .answered(let status): answers = [(status, false)]
        case .closed: break
        }
        let method = String(hostile.sent.prefix { $0 != " " })
        for (status, isLast) in answers {
            let reply = try peer.reply(to: method)
            #expect(reply.status == status, "\(label): \(reply.line)")
            if isLast { #expect(reply.field("connection") == "close", "\(label)") }
        }
        if answers.last?.1 == false { try? peer.finish() }
        let rest = try peer.receiveAll()
        #expect(rest.isEmpty, "\(label): \(rest.prefix(200))")
    }

    /// Each request that the backend got is well-formed, belongs to a case, and is one that the
    /// case has asked for; what was cut off is the last on its connection.
    func judge(
        _ cases: [(name: String, wanted: Int, hidden: [String], shown: [String])]
    ) {
        var seen: [Int: [StrictRequest]] = [:]
        for record in origin.records {
            #expect(record.problem == nil, "\(record.problem ?? "") in \(record.rest.prefix(500))")
            for request in record.requests {
                #expect(!request.target.contains("smuggled"), "\(request.text)")
                if ["/other", "/after"].contains(request.target) { continue }
                let number = request.text.firstMatch(of: /case-(\d+)/).flatMap { Int($0.1) }
                seen[number ?? -1, default: []].append(request)
            }
        }
        for (number, one) in cases.enumerated() {
            let requests = seen[number] ?? []
            let text = requests.map(\.text).joined().lowercased()
            #expect(requests.count == one.wanted, "\(number) \(one.name): \(text)")
            for part in one.hidden { #expect(!text.contains(part), "\(one.name): \(text)") }
            for part in one.shown { #expect(text.contains(part), "\(one.name): \(text)") }
        }
        #expect(seen[-1] == nil, "\(seen[-1]?.map(\.text) ?? [])")
    }
}

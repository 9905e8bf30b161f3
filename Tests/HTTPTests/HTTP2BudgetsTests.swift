import Testing

@testable import HTTP

/// What a peer may do how often, and how much we hold for it.
struct HTTP2BudgetsTests {
    /// A way to spend a budget: what is done `count` times.
    struct Spending: Sendable, CustomTestStringConvertible {
        let kind: HTTP2Budgets.Kind
        let before: [UInt8]
        let once: @Sendable (UInt32) -> [UInt8]

        init(
            _ kind: HTTP2Budgets.Kind, before: [UInt8] = [],
            _ once: @escaping @Sendable (UInt32) -> [UInt8]
        ) {
            self.kind = kind
            self.before = before
            self.once = once
        }

        var testDescription: String { "\(kind)" }
    }

    private static let open = Wire.headers(1, Wire.post, end: false)

    private static let spendings: [Spending] = [
        .init(.resets) { Wire.headers(2 * $0 + 1) + Wire.reset(2 * $0 + 1) },
        .init(.resets, before: open + Wire.reset(1)) { _ in Wire.reset(1) },
        .init(.resets) { Wire.headers(2 * $0 + 1, [("X", "")]) },
        .init(.settings) { _ in Wire.settings() },
        .init(.pings) { _ in Wire.ping() },
        .init(.pings) { _ in Wire.ping(ack: true) },
        .init(.priorities) { Wire.priority($0 + 1) },
        .init(.priorities) { Wire.priorityUpdate(2 * $0 + 1, "u=1") },
        .init(.emptyData, before: open) { _ in Wire.data(1) },
        .init(.emptyData, before: open) { _ in Wire.data(1, [], padding: 0) },
        .init(.emptyData, before: open) { _ in Wire.data(1, [], padding: 200) },
        .init(.windowUpdates) { _ in Wire.windowUpdate(0, 1) },
        .init(.windowUpdates, before: open) { _ in Wire.windowUpdate(1, 1) },
        .init(.unknownFrames) { _ in Wire.frame(0xfe) },
        .init(.unknownFrames) { _ in Wire.goAway() },
    ]

    private static func budgets(_ count: Int) -> HTTP2Budgets {
        let one = HTTP2Budget(burst: count, perSecond: 1)
        let much = HTTP2Budget(burst: 100_000, perSecond: 1)
        var budgets = HTTP2Budgets()
        (budgets.resets, budgets.settings, budgets.pings) = (one, one, one)
        (budgets.priorities, budgets.emptyData, budgets.unknownFrames) = (one, one, one)
        (budgets.windowUpdates, budgets.lateFrames) = (one, much)
        return budgets
    }

    /// How often it could be done before the connection ended.
    private func spend(_ spending: Spending, _ count: Int, then now: Int64 = 0) throws -> Bool {
        // The first SETTINGS are paid for, too.
        let isSettings = spending.kind == .settings
        let isReset = spending.kind == .resets && !spending.before.isEmpty
        let probe = try HTTP2Probe.server(
            budgets: HTTP2BudgetsTests.budgets(isSettings || isReset ? 6 : 5))
        probe.feed(spending.before)
        for index in 0..<count { probe.feed(spending.once(UInt32(index))) }
        probe.now = now
        if now > 0 { probe.feed(spending.once(UInt32(count))) }
        guard let fault = probe.fault else { return true }
        #expect(fault == .budget(spending.kind))
        #expect(fault.code == .enhanceYourCalm)
        let goAway = probe.frames().first { $0.type == 7 }
        #expect(goAway?.number(at: 4) == HTTP2ErrorCode.enhanceYourCalm.rawValue)
        #expect(probe.session.isOver)
        return false
    }

    @Test("A budget lasts for its burst, and for no more", arguments: spendings)
    func bursts(_ spending: Spending) throws {
        #expect(try spend(spending, 4))
        #expect(try spend(spending, 5))
        #expect(try !spend(spending, 6))
    }

    @Test("A budget grows again with time", arguments: spendings)
    func time(_ spending: Spending) throws {
        #expect(try !spend(spending, 5, then: 999))
        #expect(try spend(spending, 5, then: 1000))
    }

    /// Go's client gives credit for every 4 KiB that is read, gRPC's sends PING for each answer.
    @Test("DATA that we sent may be answered with WINDOW_UPDATE and PING beyond their budgets")
    func answersToData() throws {
        let probe = try HTTP2Probe.server(budgets: HTTP2BudgetsTests.budgets(1))
        probe.feed(Wire.settings([(4, 1_000_000)]))
        #expect(probe.fault == .budget(.settings))
        let other = try HTTP2Probe.server(budgets: HTTP2BudgetsTests.budgets(5))
        other.feed(Wire.headers(1) + Wire.settings([(4, 65_535)]))
        let bytes = [UInt8](repeating: 0, count: 65_535)
        other.respond(1, "200", body: .init(bytes: bytes))
        _ = other.frames()
        for _ in 0..<32 { other.feed(Wire.windowUpdate(0, 2048) + Wire.windowUpdate(1, 2048)) }
        for _ in 0..<4 { other.feed(Wire.ping()) }
        #expect(other.fault == nil)
        for _ in 0..<20 { other.feed(Wire.windowUpdate(0, 1)) }
        #expect(other.fault == .budget(.windowUpdates))
    }

    @Test("A field section has at most eight CONTINUATION frames", arguments: [7, 8, 9])
    func continuations(_ count: Int) throws {
        let parts = (1...count).map { Wire.continuation(1, [], whole: $0 == count) }
        let bytes = Wire.headers(1, whole: false) + parts.joined()
        for ends in [[bytes.count], Array(1...bytes.count)] {
            let probe = try HTTP2Probe.server()
            probe.feed(bytes, ends: ends)
            #expect(probe.fault == (count > 8 ? .budget(.continuations) : nil))
            #expect(probe.log.count == (count > 8 ? 0 : 1))
        }
    }

    @Test("What was under way when we reset a stream is ignored, but not for ever")
    func lateFrames() throws {
        var budgets = HTTP2Budgets()
        budgets.lateFrames = .init(burst: 5, perSecond: 0)
        let probe = try HTTP2Probe.server(budgets: budgets)
        probe.feed(HTTP2BudgetsTests.open)
        probe.session.reset(1, .cancel)
        for _ in 0..<4 { probe.feed(Wire.data(1, [1])) }
        _ = probe.frames()
        probe.feed(Wire.headers(1, [("x", "1")]))
        #expect(probe.fault == nil)
        #expect(probe.log.count == 1)
        probe.feed(Wire.data(1, [1]))
        #expect(probe.fault == .budget(.lateFrames))
    }

    @Test("The payload of streams that are over is given credit for at once")
    func credit() throws {
        let probe = try HTTP2Probe.server()
        probe.feed(HTTP2BudgetsTests.open)
        probe.session.reset(1, .cancel)
        _ = probe.frames()
        var credit = 0
        for _ in 0..<200 {
            probe.feed(Wire.data(1, [UInt8](repeating: 0, count: 16_000)))
            for frame in probe.frames() where frame.type == 8 {
                #expect(frame.stream == 0)
                credit += Int(frame.number(at: 0))
            }
        }
        #expect(probe.fault == nil)
        #expect(200 * 16_000 - credit < 1_048_576 / 2)
    }

    @Test("A stream more than allowed is refused, and the others go on")
    func concurrency() throws {
        var settings = HTTP2Settings()
        settings.concurrentStreams = 2
        let probe = try HTTP2Probe.server(settings: settings)
        probe.feed(Wire.headers(1) + Wire.headers(3) + Wire.headers(5) + Wire.headers(7))
        #expect(
            probe.frames().map(\.description) == [
                "RST_STREAM 5 refused_stream", "RST_STREAM 7 refused_stream",
            ])
        probe.respond(1, "204")
        #expect(probe.frames().count == 1)
        probe.feed(Wire.headers(9))
        #expect(probe.log.map { $0.prefix(9) } == ["request 1", "request 3", "request 9"])
        #expect(probe.fault == nil)
    }

    @Test("Streams are refused while the heads of others are held beyond the limit")
    func heldHeads() throws {
        var settings = HTTP2Settings()
        settings.heldHeadBytes = 3000
        let probe = try HTTP2Probe.server(settings: settings)
        let value = String(repeating: "x", count: 1300)
        for stream: UInt32 in [1, 3, 5, 7] {
            probe.feed(Wire.headers(stream, Wire.get + [("x", value)]))
        }
        #expect(probe.log.count == 2 || probe.log.count == 3)
        let refused = probe.frames().filter { $0.type == 3 }
        #expect(refused.count == 4 - probe.log.count)
        probe.respond(1, "204")
        _ = probe.frames()
        probe.feed(Wire.headers(9))
        #expect(probe.log.last?.hasPrefix("request 9") == true)
    }

    @Test("The number of fields is limited", arguments: [9, 10, 11, 12])
    func fieldCount(_ count: Int) throws {
        let probe = try HTTP2Probe.server(limits: .init(fieldCount: 10))
        let crumbs = (0..<count).map { ($0 % 2 == 0 ? "cookie" : "x\($0)", "a") }
        probe.feed(Wire.headers(1, Wire.get + crumbs))
        let isRefused = probe.log == ["refused 1 too_many_fields"]
        #expect(isRefused == (count > 10))
    }

    @Test("The size of the fields is limited", arguments: [-1, 0, 1])
    func listSize(_ excess: Int) throws {
        let fields = Wire.get + [("cookie", "a"), ("cookie", "bcd"), ("x", "")]
        let size = fields.reduce(0) { $0 + $1.0.utf8.count + $1.1.utf8.count + 32 }
        var settings = HTTP2Settings()
        settings.headerListBytes = size - excess
        let probe = try HTTP2Probe.server(settings: settings)
        probe.feed(Wire.headers(1, fields))
        #expect((probe.log == ["refused 1 head_too_large"]) == (excess > 0))
        #expect(probe.fault == nil)
    }

    @Test("The size of trailers is limited", arguments: [-1, 0, 1])
    func trailerSize(_ excess: Int) throws {
        let fields = [("x", "abc"), ("y", "def")]
        let probe = try HTTP2Probe.server(limits: .init(trailerBytes: 2 * 36 - excess))
        probe.feed(HTTP2BudgetsTests.open + Wire.headers(1, fields))
        let last = probe.log.last
        #expect((last == "reset 1 1001 protocol_error") == (excess > 0), "\(probe.log)")
    }

    /// "HPACK bomb": a field of 4 KiB in the table costs one byte each time it is said again.
    @Test("A few bytes cannot become many fields", arguments: [1, 10_000])
    func bomb(_ step: Int) throws {
        let large = Wire.field(
            [120], [UInt8](repeating: 97, count: 3900), first: 0x40)
        let again = [UInt8](repeating: 0xbe, count: 10_000)
        let bytes = Wire.headers(1, raw: Wire.block(Wire.get) + large + again)
        let probe = try HTTP2Probe.server()
        probe.feed(
            bytes, ends: Array(stride(from: step, to: bytes.count, by: step)) + [bytes.count])
        #expect(probe.fault == .budget(.fields))
        #expect(probe.frames().contains { $0.type == 7 })
        #expect(probe.log == [])
    }

    @Test("Up to four times the limit the request alone is refused")
    func tolerated() throws {
        let large = Wire.field([120], [UInt8](repeating: 97, count: 3900), first: 0x40)
        let again = [UInt8](repeating: 0xbe, count: 4 * 65_536 / 3933 - 1)
        let probe = try HTTP2Probe.server()
        probe.feed(Wire.headers(1, raw: Wire.block(Wire.get) + large + again))
        #expect(probe.log == ["refused 1 head_too_large"])
        probe.feed(Wire.headers(3, raw: Wire.block(Wire.get) + [0xbe]))
        #expect(probe.fault == nil)
        #expect(probe.log.last?.hasPrefix("request 3") == true)
    }

    @Test("Every budget has a name")
    func labels() {
        let labels = Set(HTTP2Budgets.Kind.allCases.map { "\($0.label)" })
        #expect(labels.count == HTTP2Budgets.Kind.allCases.count)
    }
}

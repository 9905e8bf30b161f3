import Platform
import Testing

@testable import Telemetry

@Suite("Worker events")
struct WorkerEventsTests {
    private let log: WrittenLog
    private let failures = HandshakeFailureRing()

    init() throws { log = try WrittenLog() }

    private func events(_ minimum: EventLevel = .debug) -> WorkerEvents {
        WorkerEvents(log: EventLog(sink: log.sink, minimum: minimum), failures: failures)
    }

    private func failure(
        _ reason: String, serverName: String? = nil, offered: [String] = [], _ alert: UInt8? = nil
    ) -> HandshakeFailureRecord {
        HandshakeFailureRecord(
            time: WallTime(seconds: 1), client: .ipv4(0x7f00_0001, port: 9), listener: "l",
            serverName: serverName, offeredVersions: offered, reason: reason, alert: alert)
    }

    private func second(_ number: Int64, plus nanoseconds: Int64 = 0) -> MonotonicTime {
        MonotonicTime(nanoseconds: number * 1_000_000_000 + nanoseconds)
    }

    @Test(
        "So many lines of a name are written in a second, and no more", arguments: [-1, 0, 1, 50])
    func limit(beyond: Int) throws {
        let events = events()
        let count = WorkerEvents.linesPerSecond + beyond
        for number in 0..<count {
            events.sample(.error, .internalError, now: second(5, plus: Int64(number)), "\(number)")
        }
        let expected = (0..<min(count, WorkerEvents.linesPerSecond)).map {
            "error internal.error text=\($0)"
        }
        #expect(try log.events() == expected)
    }

    @Test("The next second begins with how many were left out")
    func suppressed() throws {
        let events = events()
        for _ in 0..<(WorkerEvents.linesPerSecond + 7) {
            events.sample(.warning, .internalError, now: second(5, plus: 999_999_999), "x")
        }
        events.sample(.warning, .internalError, now: second(6), "y")
        events.sample(.warning, .internalError, now: second(7), "z")
        #expect(
            try log.events().suffix(3) == [
                "warning internal.error suppressed=7", "warning internal.error text=y",
                "warning internal.error text=z",
            ])
    }

    @Test("Whose address is limited is written once a second")
    func limited() throws {
        let events = events(.info)
        for host: UInt32 in 1...3 {
            let client = SocketAddress.ipv4(0x7f00_0000 | host, port: 9)
            events.clientLimited(client, .requestRate, now: second(5))
        }
        events.clientLimited(.ipv4(0x7f00_0009, port: 9), .handshakeRate, now: second(6))
        #expect(
            try log.events() == [
                "info client.limited limit=request_rate client=127.0.0.1:9",
                "info client.limited suppressed=2",
                "info client.limited limit=handshake_rate client=127.0.0.9:9",
            ])
    }

    @Test("One name does not use up the room of another")
    func names() throws {
        let events = events()
        for _ in 0..<100 { events.sample(.info, .internalError, now: second(1), "x") }
        events.sample(.info, .descriptorsExhausted, now: second(1), "y")
        #expect(try log.events().last == "info worker.descriptors_exhausted text=y")
    }

    // With the level at info, a flood of failed handshakes wrote nothing but "suppressed", once a
    // second.
    @Test("What the level leaves out is not told as suppressed, and its text is never made")
    func belowLevel() throws {
        let events = events(.info)
        var made = 0
        func text() -> String {
            made += 1
            return "x"
        }
        for number in 0..<5 {
            for _ in 0..<100 {
                events.handshakeFailed(
                    failure("timeout"), client: .ipv4(1, port: 1), now: second(Int64(number)))
                events.sample(.debug, .internalError, now: second(Int64(number)), text())
            }
        }
        #expect(try log.events().isEmpty)
        #expect(made == 0)
    }

    @Test("A failed handshake is told with what is known of it")
    func handshakes() throws {
        let events = events()
        let client = SocketAddress.ipv4(0x7f00_0001, port: 9)
        events.handshakeFailed(
            failure("unknown_host", serverName: "a.example", offered: ["TLSv1.3", "TLSv1.2"], 112),
            client: client, now: second(1))
        events.handshakeFailed(failure("timeout"), client: client, now: second(1))
        #expect(
            try log.events() == [
                "debug tls.handshake.failed reason=unknown_host client=127.0.0.1:9 "
                    + "server_name=a.example offered=TLSv1.3,TLSv1.2 alert=112",
                "debug tls.handshake.failed reason=timeout client=127.0.0.1:9",
            ])
    }

    @Test("The ring takes in a sample, whatever the level of the log is")
    func ring() {
        let events = events(.error)
        for number in 0..<100 {
            let now = second(7, plus: Int64(number))
            events.handshakeFailed(failure("\(number)"), client: .ipv4(1, port: 1), now: now)
        }
        #expect(failures.newestFirst.count == WorkerEvents.linesPerSecond)
        #expect(failures.newestFirst.last?.reason == "0")
    }

    @Test("A server's failure is told with its detail, if there is one")
    func upstream() throws {
        let events = events()
        events.upstreamFailed(
            server: "10.0.0.1:80", reason: "connect", detail: "Connection refused", now: second(1))
        events.upstreamFailed(
            server: "10.0.0.1:80", reason: "timeout", detail: "", now: second(1))
        #expect(
            try log.events() == [
                "warning upstream.failed server=10.0.0.1:80 reason=connect "
                    + "detail=\"Connection refused\"",
                "warning upstream.failed server=10.0.0.1:80 reason=timeout",
            ])
    }
}

import Platform
import Testing

@testable import Telemetry

@Suite("Event log")
struct EventLogTests {
    @Test("An event is one line: time, level, name, then key=value pairs")
    func line() throws {
        let log = try WrittenLog()
        let events = EventLog(sink: log.sink, minimum: .info)
        events.emit(.info, .serverReady, ("generation", .int(1)), ("address", .text("[::1]:443")))
        events.emit(.error, .internalError)
        let lines = try log.lines()
        #expect(lines.count == 2)
        let time = #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /#
        for line in lines { #expect(line.prefixMatch(of: time) != nil) }
        #expect(lines[0].hasSuffix("Z info server.ready generation=1 address=[::1]:443"))
        #expect(lines[1].hasSuffix("Z error internal.error"))
    }

    @Test(
        "A value is quoted exactly where it could be misread",
        arguments: [
            ("plain", "plain"), ("a.b/c:d,e-f_g", "a.b/c:d,e-f_g"), ("é", "é"), ("", "\"\""),
            ("two words", "\"two words\""), ("a=b", "\"a=b\""),
            ("say \"no\"", "\"say \\\"no\\\"\""),
            ("back\\slash", "back\\slash"), ("back \\slash", "\"back \\\\slash\""),
            ("line\nfeed", "\"line\\nfeed\""), ("tab\there", "\"tab here\""),
            ("esc\u{1b}[2J", "\"esc [2J\""), ("del\u{7f}", "\"del \""), ("nul\u{0}", "\"nul \""),
            ("cr\rforged", "\"cr forged\""), ("csi\u{9b}2J", "\"csi 2J\""),
            ("nel\u{85}a", "\"nel a\""), ("line\u{2028}a\u{2029}b", "\"line a b\""),
            ("\u{202e}moc.a", "\" moc.a\""), ("\u{2066}a\u{2069}", "\" a \""),
            ("\u{feff}a", "\" a\""), ("\u{200f}a", "\" a\""), ("ü€😀", "ü€😀"),
        ])
    func quoting(value: String, written: String) throws {
        let log = try WrittenLog()
        EventLog(sink: log.sink, minimum: .debug).emit(
            .debug, .configWarning, ("text", .text(value)), ("n", .int(-7)))
        #expect(try log.events() == ["debug config.warning text=\(written) n=-7"])
    }

    @Test(
        "Events below the minimum are not written",
        arguments: [EventLevel.debug, .info, .warning, .error])
    func levels(minimum: EventLevel) throws {
        let log = try WrittenLog()
        let events = EventLog(sink: log.sink, minimum: minimum)
        let all: [EventLevel] = [.debug, .info, .warning, .error]
        for level in all { events.emit(level, .logReopened) }
        let written = all.filter { $0 >= minimum }
        #expect(try log.events() == written.map { "\($0) log.reopened" })
        #expect(all.allSatisfy { events.writes($0) == written.contains($0) })
    }

    @Test("Events of several threads are whole lines, in each thread's order")
    func threads() throws {
        let log = try WrittenLog()
        let events = EventLog(sink: log.sink, minimum: .info)
        let threads = try (0..<4).map { thread in
            try Thread.start(name: "test", cpu: nil) {
                for number in 0..<500 {
                    events.emit(
                        .info, .listenerOpened, ("thread", .int(thread)), ("n", .int(number)))
                }
            }
        }
        for thread in threads { thread.join() }
        let lines = try log.events()
        for thread in 0..<4 {
            let expected = (0..<500).map { "info listener.opened thread=\(thread) n=\($0)" }
            #expect(lines.filter { $0.contains("thread=\(thread) ") } == expected)
        }
        #expect(lines.count == 2000)
        #expect(log.lost.count == 0)
    }

    // Operators search and alert by these: one that changes breaks their tools, so this list has to
    // change with it.
    @Test("The names are stable")
    func names() {
        #expect(
            EventName.allCases.map(\.rawValue) == [
                "server.ready", "server.draining", "server.stopped", "server.signal_ignored",
                "config.reloaded",
                "config.rejected", "config.warning", "listener.opened", "listener.closed",
                "admin.opened", "certificate.replaced", "certificate.expiring",
                "certificate.expired", "tls.crl.expiring", "tls.crl.expired",
                "tls.ticket_keys.rotated",
                "tls.handshake.failed", "tls.ocsp.refreshed", "tls.ocsp.failed",
                "tls.ocsp.revoked", "proxy_protocol.refused", "upstream.failed",
                "upstream.servers_changed",
                "upstream.lookup_failed", "upstream.lookup_recovered", "upstream.file_rejected",
                "upstream.limited",
                "upstream.server_drained",
                "upstream.server_ready", "upstream.server_up",
                "upstream.server_down", "upstream.server_ejected", "upstream.server_readmitted",
                "upstream.panic",
                "worker.descriptors_exhausted", "worker.connection_limit_reached",
                "client.limited", "memory.pressure", "snapshot.released", "log.reopened",
                "log.dropped", "tls.key_log.opened", "http2.failed",
                "internal.error",
            ])
    }
}

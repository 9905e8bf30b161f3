import Bytes
import TestSupport
import Testing

@testable import HTTP

/// Input that is cut, and input that is broken.
struct HTTP2SessionInputTests {
    private static let conversation: [UInt8] =
        Wire.headers(1, Wire.post + [("cookie", "a"), ("cookie", "b")], end: false)
        + Wire.data(1, Array("hello".utf8), padding: 3) + Wire.headers(3) + Wire.ping()
        + Wire.windowUpdate(1, 100) + Wire.settings([(4, 70_000)])
        + Wire.headers(5, Wire.get, whole: false) + Wire.continuation(5, Wire.field("x", "y"))
        + Wire.priorityUpdate(7, "u=1") + Wire.headers(7, Wire.post, end: false)
        + Wire.data(1, [65]) + Wire.headers(1, [("t", "1")]) + Wire.reset(3) + Wire.reset(7)
        + Wire.frame(0xfe, [1, 2])
        + Wire.headers(9, Wire.post + [("content-length", "1")], end: false)
        + Wire.data(9, [66], end: true)

    private struct Told: Equatable {
        var log: [String]
        var frames: [String]
        var fault: HTTP2Fault?
    }

    private func run(_ bytes: [UInt8], _ ends: [Int]) throws -> Told {
        let probe = try HTTP2Probe.server()
        probe.feed(bytes, ends: ends)
        // What else was to be said when the connection ended is not said any more.
        let hasFault = probe.session.fault != nil
        let frames = probe.frames().filter { !hasFault || $0.type == 7 }
        return Told(
            log: probe.log, frames: frames.map(\.description).sorted(),
            fault: probe.session.fault)
    }

    /// A few connections that did this once, and nothing since, held hundreds of megabytes.
    @Test("A session keeps no room for the most that it has ever seen")
    func keptRoom() throws {
        let probe = try HTTP2Probe.server()
        let cookie = ("cookie", String(repeating: "c", count: 15_000))
        probe.feed(Wire.headers(1, Wire.get + [cookie], end: false))
        let flood = (0..<5_000).flatMap { _ in Wire.data(1, [1]) }
        probe.feed(flood)
        #expect(probe.fault == nil)
        #expect(probe.received[1]?.count == 5_000)
        #expect(probe.session.events.capacity <= 2 * HTTP2EventQueue.keptEvents)
        // Its host is missing, so that nobody takes the head.
        let refused = Wire.get.filter { $0.0 != ":authority" }
        let parts = Array(repeating: ("cookie", String(repeating: "c", count: 600)), count: 24)
        let heads: [(UInt32, [(String, String)])] = [(3, [cookie]), (5, []), (7, parts)]
        for (stream, fields) in heads {
            probe.feed(Wire.headers(stream, refused + fields))
            #expect(probe.log.last == "refused \(stream) missing_host")
            #expect(probe.session.reader.content.capacity <= 2 * HTTP2Session.keptBytes)
            #expect(probe.session.reader.cookies.capacity <= HTTP2Session.keptBytes)
        }
    }

    @Test("How the input is cut changes nothing")
    func cuts() throws {
        let bytes = HTTP2SessionInputTests.conversation
        let whole = try run(bytes, [bytes.count])
        #expect(whole.fault == nil)
        #expect(whole.log.count == 13, "\(whole.log)")
        for ends in arrivals(bytes.count) { #expect(try run(bytes, ends) == whole) }
    }

    @Test("Broken input is judged, however it is cut", arguments: 0..<30)
    func broken(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<8 {
            var bytes = HTTP2SessionInputTests.conversation
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 2: bytes.remove(at: place)
                default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
                }
            }
            let whole = try run(bytes, [bytes.count])
            let cut = Int.random(in: 1..<bytes.count, using: &random)
            for ends in [Array(1...bytes.count), [cut, bytes.count]] {
                let parts = try run(bytes, ends)
                if parts != whole {
                    Issue.record("\(seed) \(ends.count): \(parts) is not \(whole)")
                }
            }
        }
    }

    /// A request and its RST_STREAM may come in one read, before anybody serves the stream.
    @Test("A token that is set late comes back in what is told next")
    func lateToken() throws {
        let probe = try HTTP2Probe.server()
        probe.feed(Wire.headers(1, Wire.post, end: false) + Wire.data(1, [65]) + Wire.reset(1))
        #expect(
            probe.log == [
                "request 1 POST a / chunked []", "data 1 1001 A", "reset 1 1001 cancel by peer",
            ])
        #expect(probe.session.openStreams == 0)
        #expect(!probe.respond(1, "200"))
        #expect(!probe.interim(1, "100"))
        #expect(probe.frames().isEmpty)
    }

    @Test("Credit goes back as payload is consumed, to the stream and to the connection")
    func credit() throws {
        let probe = try HTTP2Probe.server()
        probe.consumes = false
        probe.feed(Wire.headers(1, Wire.post, end: false))
        let part = [UInt8](repeating: 0, count: 16_384)
        for _ in 0..<16 { probe.feed(Wire.data(1, part)) }
        #expect(probe.frames().isEmpty)
        probe.session.consumed(131_072, of: 1)
        #expect(probe.frames().map(\.description) == ["WINDOW_UPDATE 1 131072"])
        probe.feed(Wire.data(1, [UInt8](repeating: 0, count: 1)))
        #expect(probe.fault == nil)
        for _ in 0..<8 { probe.feed(Wire.data(1, part)) }
        #expect(probe.log.last == "reset 1 1001 flow_control_error")
        #expect(probe.frames().map(\.description) == ["RST_STREAM 1 flow_control_error"])
    }

    @Test("A peer that overruns the connection's window is disconnected")
    func overrun() throws {
        var settings = HTTP2Settings()
        settings.connectionWindow = 65_535
        let probe = try HTTP2Probe.server(settings: settings)
        probe.consumes = false
        probe.feed(Wire.headers(1, Wire.post, end: false))
        for _ in 0..<3 { probe.feed(Wire.data(1, [UInt8](repeating: 0, count: 16_384))) }
        probe.feed(Wire.data(1, [UInt8](repeating: 0, count: 16_383)))
        #expect(probe.fault == nil)
        probe.feed(Wire.data(1, [0]))
        #expect(probe.fault == .violation(.flowControlError))
    }

    /// The library resets the stream by itself; what the peer does next must find it reset.
    @Test("A stream whose window is overrun is over when the next frame comes")
    func overrunThenReset() throws {
        var settings = HTTP2Settings()
        settings.streamWindow = 64
        let part = Wire.data(1, [UInt8](repeating: 65, count: 40))
        let overruns = [part + part, Wire.windowUpdate(1, 0x7fff_ffff)]
        for overrun in overruns {
            for next in [Wire.reset(1), Wire.headers(1, [("t", "1")]), Wire.data(1, [], end: true)]
            {
                let bytes = Wire.headers(1, Wire.post, end: false) + overrun + next
                let begun = bytes.count - next.count - overrun.count / 2
                for cut in begun...bytes.count {
                    let probe = try HTTP2Probe.server(settings: settings)
                    probe.consumes = false
                    probe.feed(bytes, ends: [cut, bytes.count])
                    #expect(probe.log.last == "reset 1 1001 flow_control_error", "\(cut)")
                    #expect(
                        probe.frames().map(\.description) == ["RST_STREAM 1 flow_control_error"])
                }
            }
        }
    }

    @Test("A field section that has begun is known to be open until it has ended")
    func openSection() throws {
        let probe = try HTTP2Probe.server()
        let bytes = Wire.headers(1, whole: false) + Wire.continuation(1, [])
        for index in bytes.indices {
            #expect(probe.session.isHeaderBlockOpen == (index >= 9))
            probe.feed([bytes[index]])
        }
        #expect(!probe.session.isHeaderBlockOpen)
    }

    @Test("Whoever ends the connection is not read any more")
    func terminated() throws {
        let probe = try HTTP2Probe.server()
        probe.feed(Wire.headers(1))
        probe.session.terminate(.settingsTimeout)
        probe.feed(Wire.headers(3))
        #expect(probe.log.count == 1)
        #expect(probe.fault == nil)
        #expect(probe.frames().map(\.description) == ["GOAWAY 1 settings_timeout"])
        #expect(probe.session.isOver)
    }
}

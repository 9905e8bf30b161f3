import Bytes
import TestSupport
import Testing

@testable import HTTP

/// Heads: responses by the same rules, and nothing gets through that HTTP/1.1 would refuse.
struct HTTP2SectionReaderHeadsTests {
    private static let good: [([(String, String)], String)] = [
        ([(":status", "200")], "200 chunked []"),
        ([(":status", "200"), ("content-length", "5")], "200 length(5) [\"content-length: 5\"]"),
        ([(":status", "204")], "204 none []"),
        ([(":status", "304"), ("content-length", "5")], "304 none [\"content-length: 5\"]"),
        ([(":status", "100")], "100 none []"),
        ([(":status", "599"), ("x", "ü")], "599 chunked [\"x: ü\"]"),
        (
            [(":status", "200"), ("set-cookie", "a"), ("set-cookie", "b")],
            "200 chunked [\"set-cookie: a\", \"set-cookie: b\"]"
        ),
    ]

    private static let bad: [[(String, String)]] = [
        [], [("x", "1")], [(":status", "")], [(":status", "20")], [(":status", "2000")],
        [(":status", "099")], [(":status", "600")], [(":status", "+20")], [(":status", "20a")],
        [(":status", "101")], [(":status", "200"), (":status", "200")],
        [("x", "1"), (":status", "200")], [(":status", "200"), (":path", "/")],
        [(":status", "200"), (":method", "GET")], [(":status", "200"), ("X", "1")],
        [(":status", "200"), ("x", "a\r\nb: c")], [(":status", "200"), ("x", "a\nb")],
        [(":status", "200"), ("x", "a\0b")], [(":status", "200"), ("x y", "a")],
        [(":status", "200"), ("x:", "a")], [(":status", "200"), ("", "a")],
        [(":status", "200"), ("x", " a")], [(":status", "200"), ("connection", "close")],
        [(":status", "200"), ("transfer-encoding", "chunked")],
        [(":status", "200"), ("keep-alive", "1")], [(":status", "200"), ("upgrade", "a")],
        [(":status", "200"), ("proxy-connection", "a")],
        [(":status", "200"), ("content-length", "1"), ("content-length", "1")],
        [(":status", "200"), ("content-length", "-1")],
        [(":status", "200"), ("content-length", "")],
        [(":status", "200")] + (0...100).map { ("x\($0)", "") },
    ]

    /// A client that has asked for something on stream 1.
    private func client(_ method: String = "GET") throws -> HTTP2Probe {
        let probe = try HTTP2Probe(.client)
        probe.feed(Wire.settings() + Wire.settingsAck)
        _ = probe.request([(":method", method)] + Wire.get.dropFirst())
        probe.write()
        (probe.log, probe.output) = ([], [])
        return probe
    }

    @Test("Well-formed responses are told", arguments: good)
    func told(_ fields: [(String, String)], _ line: String) throws {
        let probe = try client()
        probe.feed(Wire.headers(1, fields, end: false))
        #expect(probe.log == ["response 1 2001 \(line)"])
        #expect(probe.frames().isEmpty)
    }

    @Test("Malformed responses are stream errors", arguments: bad)
    func refused(_ fields: [(String, String)]) throws {
        for end in [false, true] {
            let probe = try client()
            probe.feed(Wire.headers(1, fields, end: end))
            #expect(probe.log == ["reset 1 2001 protocol_error"])
            #expect(probe.frames().map(\.description) == ["RST_STREAM 1 protocol_error"])
            #expect(probe.fault == nil)
        }
    }

    @Test("A response ends where its length says, and where it may have no content")
    func lengths() throws {
        let length = [(":status", "200"), ("content-length", "2")]
        let bytes: [([UInt8], Bool)] = [
            (Wire.headers(1, length, end: false) + Wire.data(1, [65, 66], end: true), true),
            (Wire.headers(1, length, end: false) + Wire.data(1, [65], end: true), false),
            (Wire.headers(1, length, end: false) + Wire.data(1, [65, 66, 67]), false),
            (Wire.headers(1, length, end: true), false),
            (Wire.headers(1, [(":status", "100")], end: true), false),
            (Wire.headers(1, [(":status", "204")], end: false) + Wire.data(1, [65]), false),
            (Wire.headers(1, [(":status", "304")], end: false) + Wire.data(1, end: true), true),
            (Wire.data(1, [65]), false),
            (Wire.headers(1, [(":status", "103")], end: false) + Wire.data(1, [65]), false),
            (Wire.headers(1, [(":status", "103")], end: false) + Wire.data(1, end: true), false),
        ]
        for (index, (frames, isGood)) in bytes.enumerated() {
            let probe = try client()
            probe.feed(frames)
            let isFine = !probe.log.contains { $0.hasPrefix("reset") } && probe.fault == nil
            #expect(isFine == isGood, "\(index): \(probe.log)")
        }
        let head = try client("HEAD")
        head.feed(Wire.headers(1, length))
        #expect(head.log == ["response 1 2001 200 length(2) [\"content-length: 2\"] end"])
        let other = try client("HEAD")
        other.feed(Wire.headers(1, length, end: false) + Wire.data(1, [65]))
        #expect(other.log.last == "reset 1 2001 protocol_error")
    }

    @Test("Servers open no streams, push nothing, and wish nothing")
    func oneWay() throws {
        for frames in [
            Wire.headers(2), Wire.headers(3), Wire.data(2, [1]), Wire.priorityUpdate(1, "u=1"),
            Wire.frame(5, flags: 4, stream: 1, Wire.number(2) + Wire.block(Wire.get)),
            Wire.settings([(2, 1)]), Wire.reset(3), Wire.windowUpdate(2, 1),
        ] {
            let probe = try client()
            probe.feed(frames)
            #expect(probe.fault == .violation(.protocolError))
        }
    }

    @Test("A request that is reset before it was written is never sent")
    func unsent() throws {
        let probe = try HTTP2Probe(.client)
        probe.feed(Wire.settings())
        let stream = try #require(probe.request(Wire.get))
        probe.session.reset(stream, .cancel)
        probe.write()
        let frames = WireFrame.read(Array(probe.output.dropFirst(24)))
        #expect(!frames.contains { $0.type == 1 || $0.type == 3 })
        #expect(probe.session.openStreams == 0)
        #expect(probe.log == ["settings"])
    }

    /// Whatever gets in, written as HTTP/1.1, is read by its parser as the same request.
    @Test("Nothing gets in that HTTP/1.1 would refuse or understand otherwise", arguments: 0..<40)
    func translation(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var told = 0
        for _ in 0..<60 {
            let session = try HTTP2Session(role: .server, milliseconds: 0)
            let block = HTTP2SectionReaderHeadsTests.randomBlock(&random)
            let bytes = Wire.preface + Wire.settings() + Wire.headers(1, raw: block)
            session.receive(bytes.span, milliseconds: 0)
            #expect(session.fault == nil)
            while let event = session.nextEvent() {
                guard case .request = event else { continue }
                told += 1
                var head = RequestHead()
                session.takeRequest(into: &head)
                try compare(head)
            }
        }
        #expect(told > 5)
    }

    private func compare(_ head: borrowing RequestHead) throws {
        var queue = ByteQueue()
        MessageWriter.appendRequestLine(
            method: head.methodBytes, pathAndQuery: head.pathAndQuery, to: &queue)
        queue.appendLine(name: "host".utf8.span, value: head.authority)
        MessageWriter.appendFields(of: head.fields, skipping: [.host], to: &queue)
        queue.append("\r\n")
        let text = [UInt8](copying: queue.bytes)
        let facts = parseRequest(text, ends: [text.count])
        #expect(facts.outcome == .complete(consumed: text.count))
        let own = RequestFacts(.complete(consumed: 0), head)
        #expect(facts.method == own.method)
        #expect(facts.host == own.host)
        #expect(facts.path == own.path)
        #expect(facts.pathAndQuery == own.pathAndQuery)
        let fields = own.fields.filter { !$0.hasPrefix("host:") && !$0.hasPrefix("te:") }
        #expect(facts.fields.dropFirst().filter { !$0.hasPrefix("te:") } == fields)
    }

    /// A request, some of whose bytes are replaced by those that mean something to HTTP/1.1.
    private static func randomBlock(_ random: inout SeededGenerator) -> [UInt8] {
        let strange = Array("\r\n\0 \t:;,/?#%*@[]AZ\"\u{7f}".utf8) + [0x80, 0xff]
        var fields = [
            (":method", "POST"), (":scheme", "https"), (":path", "/a/b?c"),
            (":authority", "example.com:80"), ("x-test", "one two"), ("cookie", "a=b"),
            ("cookie", "c=d"), ("te", "trailers"), ("x", ""),
        ].map { (Array($0.0.utf8), Array($0.1.utf8)) }
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            let index = Int.random(in: 0..<fields.count, using: &random)
            let byte = strange[Int.random(in: 0..<strange.count, using: &random)]
            var text = Bool.random(using: &random) ? fields[index].0 : fields[index].1
            let isName = text == fields[index].0
            let place = Int.random(in: 0...text.count, using: &random)
            if place < text.count, Bool.random(using: &random) {
                text[place] = byte
            } else {
                text.insert(byte, at: place)
            }
            if isName { fields[index].0 = text } else { fields[index].1 = text }
        }
        if Int.random(in: 0..<4, using: &random) == 0 { fields.shuffle(using: &random) }
        return fields.flatMap { Wire.field($0.0, $0.1) }
    }
}

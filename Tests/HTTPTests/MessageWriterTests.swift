import Bytes
import Testing

@testable import HTTP

struct MessageWriterTests {
    /// What `body` writes.
    private func text(_ body: (inout ByteQueue) -> Void) -> String {
        var queue = ByteQueue()
        body(&queue)
        return String(copying: queue.bytes)
    }

    @Test("A request line is method, target and version")
    func requestLine() {
        let method = Array("GET".utf8)
        let target = Array("/a?b".utf8)
        let written = text {
            MessageWriter.appendRequestLine(
                method: method.span, pathAndQuery: target.span, to: &$0)
        }
        #expect(written == "GET /a?b HTTP/1.1\r\n")
    }

    @Test("A status line has the given reason, or else the standard one")
    func statusLine() {
        let reason = Array("Fine".utf8)
        let given = text {
            MessageWriter.appendStatusLine(status: 200, reason: reason.span, to: &$0)
        }
        #expect(given == "HTTP/1.1 200 Fine\r\n")
        let standard = text {
            MessageWriter.appendStatusLine(status: 404, reason: [UInt8]().span, to: &$0)
        }
        #expect(standard == "HTTP/1.1 404 Not Found\r\n")
    }

    @Test("Fields are written but for those of one hop and those skipped")
    func fields() {
        let text =
            "GET / HTTP/1.1\r\nHost: a\r\nX-a:1\r\nConnection: x-b\r\nX-B: 2\r\n"
            + "Keep-Alive: 1\r\nVia: c\r\nX-a:  3 \r\n\r\n"
        let bytes = Array(text.utf8)
        var parser = RequestParser(limits: .init())
        var head = RequestHead()
        let outcome = parser.parse(bytes.span, into: &head)
        #expect(outcome == .complete(consumed: bytes.count))
        var queue = ByteQueue()
        MessageWriter.appendFields(of: head.fields, skipping: [.host, .via], to: &queue)
        let written = String(copying: queue.bytes)
        #expect(written == "X-a: 1\r\nX-a: 3\r\n")
    }

    /// Neighbours are copied at once; a value that was changed stands elsewhere.
    @Test("Fields are written in their order, whatever is left out or changed", arguments: 0..<32)
    func neighbours(_ which: Int) {
        var block = FieldBlock()
        var expected = ""
        for index in 0..<5 {
            let isLeftOut = which >> index & 1 == 1
            let isLength = index == which % 5
            let line = isLength ? "Content-Length: 07" : "N\(index): v"
            _ = block.appendLine(Array(line.utf8).span)
            if isLength { block.dropLeadingZeros(index) }
            if isLeftOut { block.leaveOut(index) }
            // Behind a value that has grown comes no line end.
            let grows = index == which % 3
            if grows { block.extendValue(index, by: Array("w".utf8).span) }
            let written = (isLength ? "Content-Length: 7" : line) + (grows ? "w" : "")
            if !isLeftOut { expected += written + "\r\n" }
        }
        let written = text { MessageWriter.appendFields(of: block, skipping: [], to: &$0) }
        #expect(written == expected)
    }

    @Test(
        "Chunks that are written are read back", arguments: [1, 9, 10, 15, 16, 255, 4096, 65_536])
    func chunks(_ size: Int) {
        let payload = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        var trailers = FieldBlock()
        let line = Array("A: b".utf8)
        let fault = trailers.appendLine(line.span)
        #expect(fault == nil)
        var queue = ByteQueue()
        for _ in 0..<2 {
            MessageWriter.appendChunkHeader(size: size, to: &queue)
            queue.append(payload.span)
            MessageWriter.appendChunkEnd(to: &queue)
        }
        MessageWriter.appendLastChunk(trailers: trailers, to: &queue)
        let bytes = [UInt8](copying: queue.bytes)
        let facts = decode(bytes, ends: [bytes.count])
        #expect(facts.payload == payload + payload)
        #expect(facts.trailers == ["A: b"])
        #expect(facts.end == .complete(rest: 0))
    }

    @Test("The last chunk without trailers is five bytes")
    func lastChunk() {
        let written = text { MessageWriter.appendLastChunk(trailers: FieldBlock(), to: &$0) }
        #expect(written == "0\r\n\r\n")
    }
}

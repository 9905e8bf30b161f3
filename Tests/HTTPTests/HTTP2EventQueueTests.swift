import Bytes
import Testing

@testable import HTTP

/// What is told, in which order, and what is kept of it.
struct HTTP2EventQueueTests {
    /// A section of one field, whose value it is known by.
    private static func section(_ value: String) -> HTTP2SectionContent {
        var content = HTTP2SectionContent()
        content.trailers.append(name: "n".utf8.span, value: value.utf8.span)
        return content
    }

    private static func value(_ section: HTTP2Section?) -> String? {
        guard let section else { return nil }
        return text(section.content.trailers)
    }

    private static func text(_ fields: borrowing FieldBlock) -> String {
        fields.count == 1 ? String(copying: fields.value(0)) : ""
    }

    /// Every kind of event, and whether it has a section.
    private static let kinds: [(event: HTTP2Event, hasSection: Bool)] = [
        (.settings, false), (.request(stream: 1, endsStream: false), true),
        (.data(stream: 1, token: 7, 3..<9), false), (.request(stream: 3, endsStream: true), true),
        (.end(stream: 1, token: 7, hasTrailers: true), true),
        (.end(stream: 5, token: 7, hasTrailers: false), false),
        (.response(stream: 7, token: 7, endsStream: true), true),
        (.refused(stream: 9, .missingHost), false),
        (.reset(stream: 3, token: 7, .cancel, byPeer: true), false),
        (.goAway(lastStream: 9, .noError), false),
    ]

    private static func append(_ index: Int, to queue: inout HTTP2EventQueue) {
        let kind = kinds[index % kinds.count]
        guard kind.hasSection else { return queue.append(kind.event) }
        var content = section("\(index)")
        queue.append(kind.event, taking: &content)
        // What is given in exchange has nothing in it.
        #expect(content.trailers.count == 0)
    }

    private static func expectNext(_ index: Int, of queue: inout HTTP2EventQueue) {
        let kind = kinds[index % kinds.count]
        let event = queue.next()
        #expect(event == kind.event)
        #expect(value(queue.current) == (kind.hasSection ? "\(index)" : nil))
    }

    @Test("Events are told in their order, each with its own section", arguments: [1, 3, 10, 25])
    func order(batch: Int) {
        var queue = HTTP2EventQueue()
        // In batches, between which all is told, and all but one.
        for round in 0..<4 {
            let range = (round * batch)..<((round + 1) * batch)
            for index in range { HTTP2EventQueueTests.append(index, to: &queue) }
            for index in range { HTTP2EventQueueTests.expectNext(index, of: &queue) }
            let end = queue.next()
            #expect(end == nil)
            #expect(queue.current == nil)
        }
        HTTP2EventQueueTests.append(0, to: &queue)
        for index in 1..<50 {
            HTTP2EventQueueTests.append(index, to: &queue)
            HTTP2EventQueueTests.expectNext(index - 1, of: &queue)
        }
    }

    @Test("What nobody has taken of a section is gone when the next event is told")
    func forgotten() throws {
        var queue = HTTP2EventQueue()
        for index in [1, 0] { HTTP2EventQueueTests.append(index, to: &queue) }
        _ = queue.next()
        let box = try #require(queue.current)
        #expect(HTTP2EventQueueTests.value(box) == "1")
        _ = queue.next()
        #expect(HTTP2EventQueueTests.value(box) == "")
        #expect(queue.current == nil)
    }

    @Test("A section's memory is kept, unless it is a large one", arguments: [-1, 0, 1])
    func memory(beyond: Int) throws {
        var queue = HTTP2EventQueue()
        let limit = 2 * HTTP2Session.keptBytes
        // A line has five bytes beside the value, and an empty block makes room for no more.
        var content = HTTP2EventQueueTests.section(
            String(repeating: "v", count: limit + beyond - 5))
        let before = content.capacity
        #expect(before == limit + beyond)
        queue.append(.request(stream: 1, endsStream: true), taking: &content)
        _ = queue.next()
        let box = try #require(queue.current)
        _ = queue.next()
        #expect(box.content.capacity == (beyond <= 0 ? before : 0))
    }

    @Test("Sixteen boxes are used again, and no more", arguments: [15, 16, 17])
    func boxes(count: Int) {
        var queue = HTTP2EventQueue()
        // They are held here, so that no new one has the address of an old one.
        var rounds: [[HTTP2Section]] = []
        for _ in 0..<2 {
            for stream in 0..<count {
                var content = HTTP2EventQueueTests.section("\(stream)")
                queue.append(
                    .request(stream: Int32(2 * stream + 1), endsStream: true), taking: &content)
            }
            var boxes: [HTTP2Section] = []
            while queue.next() != nil, let box = queue.current { boxes.append(box) }
            #expect(boxes.count == count)
            rounds.append(boxes)
        }
        let known = Set(rounds[0].map { ObjectIdentifier($0) })
        #expect(known.count == count)
        let used = rounds[1].filter { known.contains(ObjectIdentifier($0)) }
        #expect(used.count == min(count, 16))
    }

    @Test("Room for 128 events is kept, and for more given back", arguments: [127, 128, 129])
    func room(count: Int) {
        var queue = HTTP2EventQueue()
        func tell(_ count: Int) {
            for _ in 0..<count { queue.append(.settings) }
            var told = 0
            while queue.next() != nil { told += 1 }
            #expect(told == count)
        }
        tell(count)
        #expect((queue.capacity >= count) == (count <= HTTP2EventQueue.keptEvents))
        #expect((queue.capacity == 0) == (count > HTTP2EventQueue.keptEvents))
        // What was told before does not count.
        for _ in 0..<4 { tell(HTTP2EventQueue.keptEvents) }
        #expect(queue.capacity >= HTTP2EventQueue.keptEvents)
    }

    @Test("A token is that of all events of its stream that wait, and of no others")
    func token() {
        var queue = HTTP2EventQueue()
        var content = HTTP2EventQueueTests.section("a")
        queue.append(.data(stream: 1, token: 7, 0..<1))
        queue.append(.request(stream: 1, endsStream: false), taking: &content)
        queue.append(.data(stream: 1, token: 7, 1..<2))
        queue.append(.data(stream: 3, token: 7, 2..<3))
        queue.append(.end(stream: 1, token: 7, hasTrailers: false))
        queue.append(.refused(stream: 1, .missingHost))
        queue.append(.reset(stream: 1, token: 7, .cancel, byPeer: true))
        let first = queue.next()
        queue.setToken(9, of: 1)
        queue.setToken(8, of: 5)
        var rest: [HTTP2Event] = []
        while let event = queue.next() { rest.append(event) }
        #expect(first == .data(stream: 1, token: 7, 0..<1))
        #expect(
            rest == [
                .request(stream: 1, endsStream: false), .data(stream: 1, token: 9, 1..<2),
                .data(stream: 3, token: 7, 2..<3),
                .end(stream: 1, token: 9, hasTrailers: false), .refused(stream: 1, .missingHost),
                .reset(stream: 1, token: 9, .cancel, byPeer: true),
            ])
        queue.setToken(1, of: 1)
        let end = queue.next()
        #expect(end == nil)
    }
}

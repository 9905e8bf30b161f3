import Testing

@testable import HTTP

/// The steps of a stream, and how many there is room for.
struct HTTP2StreamTableStepsTests {
    private static var settings: HTTP2Settings {
        var settings = HTTP2Settings()
        settings.concurrentStreams = 3
        settings.heldHeadBytes = 100
        return settings
    }

    private static func begin(
        _ id: Int32, endsStream: Bool = false, in table: inout HTTP2StreamTable
    ) -> HTTP2StreamTable.Opening {
        table.beginSection(id, endsStream: endsStream, within: settings)
    }

    @Test("A stream beyond the limit is one too many, until another is over", arguments: [2, 3, 4])
    func streams(open: Int) {
        var table = HTTP2StreamTable()
        for index in 0..<open { _ = table.open(Int32(2 * index + 1)) }
        let opening = HTTP2StreamTableStepsTests.begin(99, in: &table)
        #expect(opening.isNew)
        #expect(opening.isBeyond == (open >= 3))
        // It has a slot all the same, until its reset is sent.
        #expect(table.count == open + 1)
        table.close(opening.slot, .resetByUs)
        for id in [1, 3] as [Int32] { _ = table.close(id) }
        let next = HTTP2StreamTableStepsTests.begin(101, in: &table)
        #expect(!next.isBeyond)
    }

    @Test("A stream is refused while the open ones hold too much", arguments: [99, 100, 101])
    func heldBytes(held: Int) {
        var table = HTTP2StreamTable()
        let first = HTTP2StreamTableStepsTests.begin(1, in: &table)
        let isTold = table.tell(1, HTTP2SectionReader.Summary(listBytes: held))
        #expect(!first.isBeyond && isTold)
        #expect(table.heldBytes == held)
        let opening = HTTP2StreamTableStepsTests.begin(3, in: &table)
        #expect(opening.isBeyond == (held >= 100))
        _ = table.close(3)
        _ = table.close(1)
        let next = HTTP2StreamTableStepsTests.begin(5, in: &table)
        #expect(!next.isBeyond)
    }

    @Test("Trailers of an open stream are never beyond, however much is open")
    func trailers() {
        var table = HTTP2StreamTable()
        for id in [1, 3, 5, 7] as [Int32] { table.hold(50, in: table.open(id)) }
        let opening = HTTP2StreamTableStepsTests.begin(3, endsStream: true, in: &table)
        #expect(!opening.isNew && !opening.isBeyond)
        #expect(opening.stream.id == 3 && opening.stream.peerEnded)
        #expect(table.count == 4)
    }

    @Test("No step is made of a stream that is over")
    func over() {
        var table = HTTP2StreamTable()
        table.close(table.open(1), .ended)
        let steps = [
            table.tell(1, HTTP2SectionReader.Summary(listBytes: 10)), table.setToken(7, of: 1),
            table.answer(1, hasBody: true, hasPriority: false), table.resume(1), table.endSent(1),
        ]
        #expect(steps == [false, false, false, false, false])
        #expect(table.heldBytes == 0)
        #expect(table.count == 0)
    }

    @Test("An answer is given once to who waits, and none on a stream that is reset")
    func answer() {
        var table = HTTP2StreamTable()
        let slot = table.open(1)
        let isAnswered = table.answer(1, hasBody: true, hasPriority: true)
        #expect(isAnswered && table[slot].isAnswered)
        #expect(table[slot].hasBody && table[slot].hasFinalPriority)
        table[slot].isWaiting = true
        let resumed = [table.resume(1), table.resume(1)]
        #expect(resumed == [true, false])
        table[slot].isReset = true
        let again = table.answer(1, hasBody: false, hasPriority: false)
        #expect(!again && table[slot].hasBody)
    }

    /// Whether the stream is to be reset behind its end, the peer has ended, and it is reset.
    @Test(
        "The peer is told to stop behind our end, where it is to be and has not ended",
        arguments: [true, false], [(false, false), (true, false), (false, true), (true, true)])
    func endSent(stops: Bool, state: (peerEnded: Bool, isReset: Bool)) {
        var table = HTTP2StreamTable()
        let slot = table.open(1)
        table[slot].hasBody = true
        table[slot].stopsBehindEnd = stops
        table[slot].peerEnded = state.peerEnded
        table[slot].isReset = state.isReset
        let isToldToStop = table.endSent(1)
        #expect(isToldToStop == (stops && !state.peerEnded && !state.isReset))
        #expect(table[slot].weEnded && !table[slot].hasBody)
        #expect(table[slot].isReset == (state.isReset || isToldToStop))
        let again = table.endSent(1)
        #expect(!again)
    }
}

import Bytes
import Testing

@testable import Telemetry

@Suite("Series table")
struct SeriesTableTests {
    @Test("A series is made once and counts from then on")
    func counts() {
        var index = SeriesIndex()
        let key = SeriesKey(.connections, a: 7)
        for _ in 0..<3 { index.add(2, to: key) }
        #expect(index.table.places.count == 1)
        #expect(index.table.places.first.map { $0.block[$0.offset] } == 6)
    }

    @Test("Each of many series keeps cells of its own while the table grows")
    func grows() {
        var index = SeriesIndex()
        for site in 1...5000 { index.add(UInt64(site), to: SeriesKey(.bytes, a: UInt32(site))) }
        for site in 1...5000 { index.add(1, to: SeriesKey(.bytes, a: UInt32(site))) }
        #expect(index.table.places.count == 5000)
        #expect(index.table.places.allSatisfy { $0.block[$0.offset] == UInt64($0.key.a + 1) })
    }

    @Test("What clients provoke leaves room for all else")
    func reserve() {
        var index = SeriesIndex()
        let many = UInt32(SeriesTable.requestLimit) + 10
        for site in 1...many { index.add(1, to: SeriesKey(.requests, a: site)) }
        #expect(index.table.places.count == SeriesTable.requestLimit)
        #expect(index.table.droppedCount == 10)
        index.add(1, to: SeriesKey(.upstreamFailures, a: 1))
        #expect(index.table.places.count == SeriesTable.requestLimit + 1)
        index.add(1, to: SeriesKey(.requests, a: many + 1))
        #expect(index.table.droppedCount == 11)
    }

    @Test("A gauge goes below zero in one worker's cells: only the sum counts")
    func gauge() {
        var index = SeriesIndex()
        let key = SeriesKey(.connectionsActive, a: 1)
        index.subtract(1, from: key)
        #expect(index.table.places.first.map { Int64(bitPattern: $0.block[$0.offset]) } == -1)
    }

    @Test(
        "A duration goes into the first bucket that is not below it",
        arguments: [
            (Int64(0), 0), (500_000, 0), (500_001, 1), (10_000_000_000, 12), (10_000_000_001, 13),
        ])
    func buckets(nanoseconds: Int64, bucket: Int) {
        var index = SeriesIndex()
        let bounds = MetricFamily.handshakeBounds
        index.observe(nanoseconds, in: SeriesKey(.handshakeDuration, a: 1), bounds: bounds)
        guard let place = index.table.places.first else {
            Issue.record("no series was made")
            return
        }
        for cell in bounds.indices {
            #expect(place.block[place.offset + cell] == (cell == bucket ? 1 : 0))
        }
        #expect(place.block[place.offset + bounds.count] == UInt64(nanoseconds))
        #expect(place.block[place.offset + bounds.count + 1] == 1)
    }
}

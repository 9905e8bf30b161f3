internal import Bytes
internal import Synchronization

/// One worker's series: the worker finds cells by key without a lock; a new series is published
/// under one.
final class SeriesTable: Sendable {
    /// Where a series' cells stand.
    struct Place: Sendable {
        let key: SeriesKey
        let block: CounterBlock
        let offset: Int

        /// Adds to a cell; writer's thread only.
        func add(_ amount: UInt64, at cell: Int) { block.add(amount, at: offset + cell) }
    }

    /// What the reader sees.
    private let published = Mutex<[Place]>([])
    /// How many series were not made, because there are too many.
    private let dropped = CounterBlock(count: 1)

    /// All series so far; any thread.
    var places: [Place] { published.withLock { $0 } }

    /// How many series were not made; any thread.
    var droppedCount: UInt64 { dropped[0] }

    fileprivate func publish(_ place: Place) {
        published.withLock { $0.append(place) }
    }

    fileprivate func countDropped() { dropped.add(1, at: 0) }

    /// How many series a worker makes at most. What a client can choose never becomes a label, but
    /// it may provoke a hundred series of requests a site, by methods and statuses: thousands of
    /// sites come near.
    static let limit = 200_000
    /// From how many on none is made for requests, so that servers and failures have theirs.
    static let requestLimit = 150_000
}

/// The writer's side of a series table: an open-addressing table from key to cells. Worker only.
struct SeriesIndex {
    let table = SeriesTable()
    private var keys: [UInt64] = Array(repeating: 0, count: 256)
    private var places: [Int32] = Array(repeating: -1, count: 256)
    private var list: [SeriesTable.Place] = []
    private var block = CounterBlock(count: SeriesIndex.blockCells)
    private var used = 0

    /// Adds to a cell of the series, which is made if it is not there yet.
    mutating func add(_ amount: UInt64, to key: SeriesKey, cell: Int = 0) {
        let position = find(key)
        if position >= 0 {
            list[position].add(amount, at: cell)
        }
    }

    /// Subtracts from the gauge.
    mutating func subtract(_ amount: UInt64, from key: SeriesKey) {
        add(0 &- amount, to: key)
    }

    /// Sets the gauge.
    mutating func set(_ value: UInt64, in key: SeriesKey) {
        let position = find(key)
        if position >= 0 {
            let place = list[position]
            place.block.set(value, at: place.offset)
        }
    }

    /// Puts a duration into a histogram: its bucket, the sum, the count.
    mutating func observe(_ nanoseconds: Int64, in key: SeriesKey, bounds: [Int64]) {
        let position = find(key)
        guard position >= 0 else { return }
        let (block, offset) = (list[position].block, list[position].offset)
        var bucket = 0
        while bucket < bounds.count, nanoseconds > bounds[bucket] { bucket += 1 }
        if bucket < bounds.count { block.add(1, at: offset + bucket) }
        block.add(UInt64(max(0, nanoseconds)), at: offset + bounds.count)
        block.add(1, at: offset + bounds.count + 1)
    }

    private mutating func find(_ key: SeriesKey) -> Int {
        let mask = keys.count - 1
        var slot = Int(truncatingIfNeeded: (key.packed &* 0x9e37_79b9_7f4a_7c15) >> 40) & mask
        while keys[slot] != 0 {
            if keys[slot] == key.packed { return Int(places[slot]) }
            slot = (slot + 1) & mask
        }
        return make(key)
    }

    private mutating func make(_ key: SeriesKey) -> Int {
        let limit =
            key.family == .requests ? SeriesTable.requestLimit : SeriesTable.limit
        guard list.count < limit, let cells = key.family?.cells else {
            table.countDropped()
            return -1
        }
        if used + cells > block.count {
            block = CounterBlock(count: SeriesIndex.blockCells)
            used = 0
        }
        let place = SeriesTable.Place(key: key, block: block, offset: used)
        used += cells
        list.append(place)
        table.publish(place)
        if list.count * 2 > keys.count { grow() }
        insert(key, Int32(list.count - 1))
        return list.count - 1
    }

    private mutating func insert(_ key: SeriesKey, _ position: Int32) {
        let mask = keys.count - 1
        var slot = Int(truncatingIfNeeded: (key.packed &* 0x9e37_79b9_7f4a_7c15) >> 40) & mask
        while keys[slot] != 0 { slot = (slot + 1) & mask }
        keys[slot] = key.packed
        places[slot] = position
    }

    private mutating func grow() {
        let size = keys.count * 2
        keys = Array(repeating: 0, count: size)
        places = Array(repeating: -1, count: size)
        for (position, place) in list.dropLast().enumerated() { insert(place.key, Int32(position)) }
    }

    private static let blockCells = 1024
}

/// One timer for each slot index, in levels of 64 buckets: setting and cancelling cost the same
/// however many there are.
///
/// Level 0 holds what is due within 64 ticks, each level above 64 times as much; a timer moves down
/// as its time comes nearer. Nothing is allocated once the table of indexes has grown. The wheel
/// has no clock: time is handed to it.
public struct TimerWheel {
    /// Where an index stands in its bucket's doubly linked list.
    private struct Entry {
        var next: Int32 = -1
        var previous: Int32 = -1
        /// The bucket, or -1 while the index has no timer.
        var bucket: Int32 = -1
        /// The tick at which it is due.
        var dueTick: Int64 = 0
    }

    private let start: MonotonicTime
    private let tickNanoseconds: Int64
    private var entries: [Entry] = []
    /// The first index of each bucket's list, or -1.
    private var heads: [Int32] = Array(repeating: -1, count: TimerWheel.levels * 64)
    /// For each level, which buckets are not empty.
    private var occupied: [UInt64] = Array(repeating: 0, count: TimerWheel.levels)
    /// Every tick before this one has been expired.
    private var currentTick: Int64 = 0

    /// How many timers are set.
    public private(set) var count = 0

    /// Makes an empty wheel.
    ///
    /// - Parameters:
    ///   - start: the present.
    ///   - tick: how exact timers are: a timer expires up to one tick late, never early.
    public init(start: MonotonicTime, tick: Duration = .milliseconds(16)) {
        self.start = start
        tickNanoseconds = max(1, tick.wholeNanoseconds)
    }

    /// Sets the timer of `index`, in place of the one it has.
    public mutating func schedule(_ index: UInt32, at time: MonotonicTime) {
        let place = Int(index)
        while entries.count <= place { entries.append(Entry()) }
        unlink(place)
        let nanoseconds = max(0, time.nanoseconds &- start.nanoseconds)
        let due = (nanoseconds - 1) / tickNanoseconds + 1
        entries[place].dueTick = max(nanoseconds == 0 ? 0 : due, currentTick)
        link(place)
    }

    /// Takes back the timer of `index`, if it has one.
    public mutating func cancel(_ index: UInt32) {
        let place = Int(index)
        if place < entries.count { unlink(place) }
    }

    /// When to look again: never later than the next timer, perhaps earlier; nil if no timer is
    /// set.
    public var nextExpiry: MonotonicTime? {
        guard count > 0 else { return nil }
        var best = Int64.max
        for level in 0..<TimerWheel.levels where occupied[level] != 0 {
            let shift = Int64(level * 6)
            // What stands under the hand of an upper level came down when the hand arrived; what
            // has been put there since is a full turn away.
            let position = (currentTick >> shift) + (level > 0 ? 1 : 0)
            let offset = Int64(rotated(occupied[level], by: position).trailingZeroBitCount)
            best = min(best, (position + offset) << shift)
        }
        return MonotonicTime(nanoseconds: start.nanoseconds &+ best &* tickNanoseconds)
    }

    /// Takes an index whose time has come, in the order of ticks; nil if there is none.
    public mutating func popExpired(now: MonotonicTime) -> UInt32? {
        let nowTick = max(0, now.nanoseconds &- start.nanoseconds) / tickNanoseconds
        while count > 0 {
            cascade()
            let first = heads[Int(currentTick & 63)]
            if first >= 0, entries[Int(first)].dueTick <= nowTick {
                unlink(Int(first))
                return UInt32(first)
            }
            guard currentTick < nowTick else { return nil }
            advance(to: nowTick)
        }
        currentTick = max(currentTick, nowTick)
        return nil
    }

    /// Moves the hand forward: to the next tick at which a bucket is not empty or an upper level
    /// may have to move down.
    private mutating func advance(to limit: Int64) {
        let ahead =
            occupied[0] == 0
            ? 64 : Int64(rotated(occupied[0], by: currentTick + 1).trailingZeroBitCount) + 1
        let turn = 64 - (currentTick & 63)
        currentTick = min(limit, currentTick + min(ahead, turn))
    }

    /// At the begin of a level's turn, moves what the next level holds for it down.
    private mutating func cascade() {
        var level = 1
        while level < TimerWheel.levels, currentTick & ((1 << Int64(level * 6)) - 1) == 0 {
            let bucket = level * 64 + Int(currentTick >> Int64(level * 6) & 63)
            while heads[bucket] >= 0 {
                let place = Int(heads[bucket])
                if entries[place].dueTick - currentTick >= 1 << Int64((level + 1) * 6) { break }
                unlink(place)
                link(place)
                if entries[place].bucket == Int32(bucket) { break }
            }
            level += 1
        }
    }

    private mutating func link(_ place: Int) {
        let due = entries[place].dueTick
        let distance = max(0, due - currentTick)
        var level = 0
        while level < TimerWheel.levels - 1, distance >= 1 << Int64((level + 1) * 6) { level += 1 }
        let reach: Int64 = 1 << Int64(TimerWheel.levels * 6)
        let tick = distance >= reach ? currentTick + reach - 1 : due
        let slot = Int(tick >> Int64(level * 6) & 63)
        let bucket = level * 64 + slot
        let head = heads[bucket]
        entries[place].next = head
        entries[place].previous = -1
        entries[place].bucket = Int32(bucket)
        if head >= 0 { entries[Int(head)].previous = Int32(place) }
        heads[bucket] = Int32(place)
        occupied[level] |= 1 << UInt64(slot)
        count += 1
    }

    private mutating func unlink(_ place: Int) {
        let entry = entries[place]
        guard entry.bucket >= 0 else { return }
        if entry.previous >= 0 {
            entries[Int(entry.previous)].next = entry.next
        } else {
            heads[Int(entry.bucket)] = entry.next
            if entry.next < 0 {
                occupied[Int(entry.bucket) / 64] &= ~(1 << UInt64(entry.bucket & 63))
            }
        }
        if entry.next >= 0 { entries[Int(entry.next)].previous = entry.previous }
        entries[place].bucket = -1
        count -= 1
    }

    private func rotated(_ bits: UInt64, by position: Int64) -> UInt64 {
        let shift = UInt64(position & 63)
        return bits >> shift | bits << (64 &- shift & 63)
    }

    /// 64⁵ ticks of 16 ms are 198 days.
    private static let levels = 5
}

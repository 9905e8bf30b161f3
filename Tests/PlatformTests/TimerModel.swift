import Platform

/// What a timer wheel promises, told with a dictionary in place of levels and buckets.
struct TimerModel {
    /// In nanoseconds.
    let tick: Int64
    private(set) var times: [UInt32: Int64] = [:]

    init(tick: Int64) { self.tick = tick }

    mutating func schedule(_ index: UInt32, at time: Int64) { times[index] = time }

    mutating func cancel(_ index: UInt32) { times[index] = nil }

    /// What is wrong with this index being told as expired; nil if nothing is.
    mutating func fault(expiring index: UInt32, now: Int64) -> String? {
        guard let time = times.removeValue(forKey: index) else {
            return "timer \(index) was not set"
        }
        return time > now ? "timer \(index) came \(time - now) ns early" : nil
    }

    /// The timers that are more than one tick late.
    func late(now: Int64) -> [UInt32] {
        times.filter { $0.value <= now - tick }.map(\.key).sorted()
    }

    /// The time of the next timer.
    var next: Int64? { times.values.min() }
}

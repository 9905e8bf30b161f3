internal import Config
internal import Platform
internal import Proxy

/// How much memory the process takes, beside how much it may.
struct MemoryWatch {
    /// How many bytes there may be.
    let limit: Int
    /// When the next sample is due.
    private(set) var dueAt: MonotonicTime
    private var gauge: PressureGauge
    /// When free memory may be given back again.
    private var releasesAt = MonotonicTime(nanoseconds: 0)

    /// Watches over what the configuration allows; nil where it allows anything.
    ///
    /// - Parameter group: the limit of the control group.
    init?(_ config: MemoryLimitConfig, group: Int?, now: MonotonicTime) {
        switch config {
        case .off: return nil
        case .bytes(let bytes): limit = bytes
        case .auto:
            guard let group else { return nil }
            limit = group / 5 * 4
        }
        dueAt = now
        gauge = PressureGauge(limit: limit)
    }

    /// How short memory is, by the last sample.
    var pressure: MemoryPressure { gauge.pressure }

    /// Takes a sample. Memory that was freed and is only kept for later is no reason to shed load:
    /// it is given back first, once a second at most.
    mutating func sample(now: MonotonicTime, bytes: () -> Int?, releaseFree: () -> Void) -> Int {
        dueAt = now + MemoryWatch.interval
        var sample = bytes() ?? 0
        var next = gauge
        if next.take(sample) > .none, now >= releasesAt {
            releasesAt = now + MemoryWatch.releaseInterval
            releaseFree()
            sample = bytes() ?? sample
        }
        _ = gauge.take(sample)
        return sample
    }

    /// How often a sample is taken: a worker can take in some tens of MiB in that time.
    static let interval = Duration.milliseconds(250)
    /// How often free memory is given back while memory is short.
    static let releaseInterval = Duration.seconds(1)
}

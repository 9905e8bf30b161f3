/// Judges how much memory the process takes, by samples.
///
/// ```
/// none ── 90 % ─▶ high ── 95 % ─▶ critical
///      ◀─ 85 % ──      ◀─ 90 % ──
/// ```
///
/// What has begun ends a step below, so that one connection more or less is no change.
public struct PressureGauge: Sendable {
    /// How many bytes there may be.
    private let limit: Int
    /// What the last sample came to.
    public private(set) var pressure = MemoryPressure.none

    /// Begins without pressure.
    public init(limit: Int) { self.limit = limit }

    /// Takes a sample, and returns what it comes to.
    public mutating func take(_ bytes: Int) -> MemoryPressure {
        // Of a percent each, so that no limit overflows.
        let percent = bytes / max(1, limit / 100)
        switch pressure {
        case _ where percent >= 95: pressure = .critical
        case .critical where percent >= 90: break
        case .none where percent < 90: break
        case .high where percent < 85, .critical where percent < 85: pressure = .none
        case .none, .high, .critical: pressure = .high
        }
        return pressure
    }
}

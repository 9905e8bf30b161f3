/// The spelling of durations in the configuration.
enum DurationText {
    private static let units: [(name: String, milliseconds: Int)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    /// Reads `250ms`, `5s`, `1m`, `12h` or `7d`; nil where it is none of these or overflows.
    static func parse(_ text: String) -> Duration? {
        guard let quantity = Quantity(text),
            let unit = units.first(where: { $0.name == quantity.unit })
        else { return nil }
        let (milliseconds, overflow) = quantity.number.multipliedReportingOverflow(
            by: unit.milliseconds)
        return overflow ? nil : .milliseconds(milliseconds)
    }

    /// Writes a whole number of milliseconds with the largest unit that needs no fraction.
    static func spelling(of duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
        for unit in units where milliseconds > 0 && milliseconds % unit.milliseconds == 0 {
            return "\(milliseconds / unit.milliseconds)\(unit.name)"
        }
        return "\(milliseconds)ms"
    }
}

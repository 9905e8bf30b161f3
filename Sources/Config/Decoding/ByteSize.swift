/// The spelling of sizes in the configuration.
enum ByteSize {
    private static let units: [(name: String, bytes: Int)] = [
        ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1), ("", 1),
    ]

    /// Reads `512`, `512B`, `16KiB`, `1MiB` and so on; nil where it is none of these or overflows.
    static func parse(_ text: String) -> Int? {
        guard let quantity = Quantity(text),
            let unit = units.first(where: { $0.name == quantity.unit })
        else { return nil }
        let (bytes, overflow) = quantity.number.multipliedReportingOverflow(by: unit.bytes)
        return overflow ? nil : bytes
    }

    /// Writes a number of bytes with the largest unit that needs no fraction.
    static func spelling(of bytes: Int) -> String {
        for unit in units.dropLast() where bytes > 0 && bytes % unit.bytes == 0 {
            return "\(bytes / unit.bytes)\(unit.name)"
        }
        return "\(bytes)B"
    }
}

/// The lengths of TLS records as they stand on the wire (RFC 8446 §5.1).
public struct RecordLengths {
    /// The header of the record that has not begun, as far as it came.
    private var header: [UInt8] = []
    /// How much of the present record is still to come.
    private var rest = 0
    /// The lengths of the records that carry application data, and of those that seem to.
    public private(set) var all: [Int] = []

    /// Takes the next bytes.
    mutating func take(_ bytes: Span<UInt8>) {
        var start = 0
        while start < bytes.count {
            if rest > 0 {
                let count = min(rest, bytes.count - start)
                rest -= count
                start += count
                continue
            }
            header.append(bytes[start])
            start += 1
            guard header.count == 5 else { continue }
            rest = Int(header[3]) << 8 | Int(header[4])
            if header[0] == 23 { all.append(rest) }
            header = []
        }
    }

    /// Forgets what came, but not where the next record begins.
    mutating func removeAll() { all = [] }
}

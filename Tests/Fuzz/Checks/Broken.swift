/// A property that does not hold: a bug, whatever the input.
public struct Broken: Error, CustomStringConvertible {
    /// What does not hold.
    public let description: String

    init(_ description: String) { self.description = description }
}

/// Refuses what does not hold.
func require(_ condition: Bool, _ text: @autoclosure () -> String) throws(Broken) {
    guard condition else { throw Broken(text()) }
}

/// The ways in which a message comes: whole, byte by byte, and cut at a point that the message
/// itself chooses, so that one input has one result and every cut is tried in time.
func arrivals(_ bytes: [UInt8]) -> [[Int]] {
    // FNV-1a: a byte that changes moves the cut.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let cut = Int(hash % UInt64(bytes.count + 1))
    var ways = [[bytes.count], [cut, bytes.count]]
    if bytes.count <= 512 { ways.append(Array(0...bytes.count)) }
    return ways
}

/// Refuses CR, LF and NUL: who is passed one may take it for an end.
func requireClean(_ parts: [[UInt8]], _ name: String) throws(Broken) {
    for part in parts {
        let isClean = !part.contains { $0 == 0x0d || $0 == 0x0a || $0 == 0 }
        try require(isClean, "\(name) has CR, LF or NUL")
    }
}

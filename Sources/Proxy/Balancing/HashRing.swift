/// Consistent hashing: servers stand at many points of a circle, and a key belongs to the first
/// point behind it. A server that comes takes keys only for itself, and one that goes leaves the
/// others theirs.
struct HashRing: Sendable {
    /// The points in their order: 48 bits of place above 16 bits of server.
    private let points: [UInt64]

    /// Places servers by their names, as many points for each as its weight asks for.
    init(names: [String], weights: [Int]) {
        let total = max(1, weights.reduce(0, +))
        // Never more than a million, however many servers of whatever weights there are.
        let shrink = max(1, total >> 20)
        let perWeight = max(1, min(HashRing.pointsPerWeight, HashRing.pointsInAll / total))
        var points: [UInt64] = []
        for (server, (name, weight)) in zip(names, weights).enumerated() {
            let begin = StableHash.of(name)
            for number in 0..<max(1, weight * perWeight / shrink) {
                let place = StableHash.mix(begin &+ UInt64(number) &* 0x9e37_79b9_7f4a_7c15)
                points.append(place & ~0xffff | UInt64(server))
            }
        }
        points.sort()
        self.points = points
    }

    /// How many points there are.
    var count: Int { points.count }

    /// The first point at or behind a key; 0 where the circle closes.
    func start(of key: UInt64) -> Int {
        var low = 0
        var high = points.count
        while low < high {
            let middle = (low + high) / 2
            if points[middle] < key { low = middle + 1 } else { high = middle }
        }
        return low == points.count ? 0 : low
    }

    /// The server that stands at a point.
    func owner(at point: Int) -> Int { Int(points[point] & 0xffff) }

    /// So many that a server's share of the keys is off by a twelfth, mostly.
    static let pointsPerWeight = 160
    /// More only where there is more weight than this.
    static let pointsInAll = 1 << 16
}

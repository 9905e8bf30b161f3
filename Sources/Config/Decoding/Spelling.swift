/// How near two names are.
public enum Spelling {
    /// Longer names are not compared: nobody mistypes those by hand.
    private static let maximumBytes = 64

    /// The candidate that `name` was probably meant to be; the first of equally near ones.
    public static func nearest(to name: String, among candidates: [String]) -> String? {
        let wanted = Array(name.lowercased().utf8)
        guard !wanted.isEmpty, wanted.count <= maximumBytes else { return nil }
        let farthest = max(1, wanted.count / 3)
        var best: (name: String, distance: Int)?
        for candidate in candidates where abs(candidate.utf8.count - wanted.count) <= farthest {
            let distance = distance(wanted, Array(candidate.lowercased().utf8))
            if distance <= farthest, distance < best?.distance ?? .max {
                best = (candidate, distance)
            }
        }
        return best?.name
    }

    /// How many insertions, deletions, replacements and swaps of neighbours make one the other.
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            current.reserveCapacity(right.count + 1)
            for column in right.indices {
                let isSame = left[row] == right[column]
                var least = min(last[column] + (isSame ? 0 : 1), last[column + 1] + 1)
                least = min(least, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1],
                    left[row - 1] == right[column]
                {
                    least = min(least, beforeLast[column - 1] + 1)
                }
                current.append(least)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}

internal import Bytes

/// Finds the longest of many prefixes.
///
/// Prefixes are sorted by bytes and each knows the longest other prefix that it begins with. A
/// look-up finds the last prefix not above the path by binary search and climbs from there: the
/// cost grows with the logarithm of the number of prefixes, and none allocates.
struct PrefixTree: Sendable {
    private struct Entry: Sendable {
        let prefix: [UInt8]
        /// Where the prefix stands in the list that the tree was made of.
        let index: Int
        /// The index of the longest entry that is a proper prefix of this one, or -1.
        var parent: Int
    }

    private var entries: [Entry] = []

    /// Builds the tree; of two equal prefixes the first counts.
    init(_ prefixes: [[UInt8]]) {
        var seen: Set<[UInt8]> = []
        for (index, prefix) in prefixes.enumerated() where seen.insert(prefix).inserted {
            entries.append(Entry(prefix: prefix, index: index, parent: -1))
        }
        entries.sort { $0.prefix.lexicographicallyPrecedes($1.prefix) }
        var ancestors: [Int] = []
        for index in entries.indices {
            while let last = ancestors.last,
                !entries[index].prefix.starts(with: entries[last].prefix)
            {
                ancestors.removeLast()
            }
            entries[index].parent = ancestors.last ?? -1
            ancestors.append(index)
        }
    }

    /// The index of the longest prefix that `path` begins with, or nil.
    func longest(of path: Span<UInt8>) -> Int? {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if PrefixTree.isAbove(entries[middle].prefix, path) {
                high = middle
            } else {
                low = middle + 1
            }
        }
        var candidate = low - 1
        while candidate >= 0 {
            if PrefixTree.begins(path, with: entries[candidate].prefix) {
                return entries[candidate].index
            }
            candidate = entries[candidate].parent
        }
        return nil
    }

    private static func isAbove(_ prefix: [UInt8], _ path: Span<UInt8>) -> Bool {
        let common = min(prefix.count, path.count)
        for index in 0..<common where prefix[index] != path[index] {
            return prefix[index] > path[index]
        }
        return prefix.count > path.count
    }

    private static func begins(_ path: Span<UInt8>, with prefix: [UInt8]) -> Bool {
        guard path.count >= prefix.count else { return false }
        for index in prefix.indices where prefix[index] != path[index] { return false }
        return true
    }
}

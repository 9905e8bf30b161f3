internal import Bytes

/// From path to backend by the longest matching prefix.
///
/// Prefixes are sorted by bytes and each knows the longest other prefix that it begins with. A
/// look-up finds the last prefix not above the path by binary search and climbs from there: the
/// cost grows with the logarithm of the number of routes, and no request allocates.
public struct RouteTable: Sendable {
    /// Where requests go whose path begins so.
    public struct Route: Sendable {
        /// The index of the backend; nil exactly when `rules` answer in its place.
        public let group: Int?
        /// How often one client address may ask; nil for any number.
        public let requestRate: RateLimit?
        /// What happens on the way; nil for nothing.
        public let rules: RouteRules?

        /// Describes a route.
        public init(group: Int?, requestRate: RateLimit? = nil, rules: RouteRules? = nil) {
            self.group = group
            self.requestRate = requestRate
            self.rules = rules
        }
    }

    private struct Entry: Sendable {
        let prefix: [UInt8]
        let route: Route
        /// The index of the longest entry that is a proper prefix of this one, or -1.
        var parent: Int
    }

    private var entries: [Entry] = []

    /// Builds the table.
    ///
    /// - Parameter routes: pairs of path prefix and index of the backend; of two equal prefixes the
    ///   first counts.
    public init(_ routes: [(path: String, group: Int)]) {
        self.init(routes.map { (path: $0.path, route: Route(group: $0.group)) })
    }

    /// Builds the table.
    ///
    /// - Parameter routes: pairs of path prefix and route; of two equal prefixes the first counts.
    public init(_ routes: [(path: String, route: Route)]) {
        var seen: Set<[UInt8]> = []
        for route in routes {
            let prefix = Array(route.path.utf8)
            if seen.insert(prefix).inserted {
                entries.append(Entry(prefix: prefix, route: route.route, parent: -1))
            }
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

    /// The backend of the longest prefix that `path` begins with, or nil.
    public func match(_ path: Span<UInt8>) -> Int? { route(path)?.group }

    /// The route of the longest prefix that `path` begins with, or nil.
    public func route(_ path: Span<UInt8>) -> Route? {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if RouteTable.isAbove(entries[middle].prefix, path) {
                high = middle
            } else {
                low = middle + 1
            }
        }
        var candidate = low - 1
        while candidate >= 0 {
            if RouteTable.begins(path, with: entries[candidate].prefix) {
                return entries[candidate].route
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

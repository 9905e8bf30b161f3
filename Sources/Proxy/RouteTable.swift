internal import Bytes
internal import HTTP

/// From path to backend by the longest matching prefix.
///
/// The path is compared as it came, byte by byte. No request allocates.
public final class RouteTable: Sendable {
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

    private let routes: [Route]
    private let prefixes: PrefixTree
    /// The prefixes as backends may read them; nil where no route asks who the client is, or bounds
    /// how often it asks.
    private let readings: PrefixTree?

    /// Builds the table.
    ///
    /// - Parameter routes: pairs of path prefix and index of the backend; of two equal prefixes the
    ///   first counts.
    public convenience init(_ routes: [(path: String, group: Int)]) {
        self.init(routes.map { (path: $0.path, route: Route(group: $0.group)) })
    }

    /// Builds the table.
    ///
    /// - Parameter routes: pairs of path prefix and route; of two equal prefixes the first counts.
    public init(_ routes: [(path: String, route: Route)]) {
        self.routes = routes.map(\.route)
        prefixes = PrefixTree(routes.map { Array($0.path.utf8) })
        let isGuarded = routes.contains {
            $0.route.rules?.asksWho == true || $0.route.requestRate != nil
        }
        guard isGuarded else {
            readings = nil
            return
        }
        readings = PrefixTree(
            routes.map { route in
                var reading = ByteQueue()
                PathReading.append(Array(route.path.utf8).span, to: &reading)
                return Array(copying: reading.bytes)
            })
    }

    /// The backend of the longest prefix that `path` begins with, or nil.
    public func match(_ path: Span<UInt8>) -> Int? { route(path)?.group }

    /// The route of the longest prefix that `path` begins with, or nil.
    public func route(_ path: Span<UInt8>) -> Route? {
        prefixes.longest(of: path).map { routes[$0] }
    }

    /// True exactly when some route asks who the client is, or bounds how often it asks.
    var isGuarded: Bool { readings != nil }

    /// True exactly when `isGuarded`, and a backend that decodes the path of
    /// the request before it looks at it would take it for one of another route.
    ///
    /// - Parameter scratch: is overwritten.
    func leadsElsewhere(
        _ request: borrowing RequestHead, scratch: inout ByteQueue
    ) -> Bool {
        guard let readings, !PathReading.isPlain(request.path) else { return false }
        scratch.removeAll()
        PathReading.append(request.path, to: &scratch)
        return readings.longest(of: scratch.bytes) != prefixes.longest(of: request.path)
    }
}

/// How the servers of a backend are asked whether they are well.
public struct HealthConfig: Sendable, Hashable {
    /// What a check does.
    public enum Kind: String, Sendable, CaseIterable {
        /// It makes a request and looks at the answer.
        case http
        /// It connects.
        case tcp
        /// It asks the health service of gRPC.
        case grpc
    }

    /// The method of a check's request.
    public enum Method: String, Sendable, CaseIterable {
        /// GET
        case get = "GET"
        /// HEAD
        case head = "HEAD"
        /// OPTIONS
        case options = "OPTIONS"
    }

    /// What a check does.
    public var kind = Kind.http
    /// What it asks for.
    public var path = "/"
    /// What it says in `Host`; nil for the server's address.
    public var host: String?
    /// How it asks.
    public var method = Method.get
    /// From one check of a server to the next.
    public var interval = Duration.seconds(5)
    /// How long a check may take altogether.
    public var timeout = Duration.seconds(2)
    /// How many checks in a row must pass for a server that is down to be up.
    public var rise = 2
    /// How many checks in a row must fail for a server that is up to be down.
    public var fall = 3
    /// Which statuses are good.
    public var status = StatusSet.successful
    /// What the answer's body must contain; nil for anything.
    public var body: String?
    /// Which service of gRPC is asked about; nil for the server as a whole.
    public var service: String?
    /// Where checks go in place of the server's port; nil for the same.
    public var port: Int?

    /// Makes the value with its defaults.
    public init() {}
}

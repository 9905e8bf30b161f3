/// How much of everything there may be.
public struct LimitConfig: Sendable, Equatable {
    /// Bytes of a request line and its fields.
    public var requestHead: Int

    /// Fields of a request.
    public var requestFields: Int

    /// Bytes of a request body; nil means any number.
    public var requestBody: Int?

    /// Bytes of a status line and its fields.
    public var responseHead: Int

    /// Fields of a response.
    public var responseFields: Int

    /// Client connections of the process; nil derives it from the descriptor limit.
    public var connections: Int?

    /// Client connections of one address (IPv6: one /64); nil derives it from `connections`.
    public var connectionsPerAddress: Int?

    /// New connections of one address; nil means any number.
    public var connectionRate: RateConfig?

    /// TLS handshakes of one address; nil means any number.
    public var handshakeRate: RateConfig?

    /// Requests on one connection before it is closed in good order.
    public var requestsPerConnection: Int

    /// Bytes that a client has to move in a second; nil means none.
    public var minimumRate: Int?

    /// KeyUpdates without application data between them.
    public var keyUpdates: Int

    /// TLS records with next to nothing in them, per second and connection.
    public var tinyRecords: Int

    /// Memory of the process before load is shed.
    public var memory: MemoryLimitConfig

    /// Bytes held back for a slow reader, per direction and connection.
    public var buffer: Int

    /// Connections that the kernel queues before they are accepted.
    public var listenBacklog: Int

    /// Makes the value; what is left out has its default.
    public init(
        requestHead: Int = 65_536,
        requestFields: Int = 100,
        requestBody: Int? = nil,
        responseHead: Int = 65_536,
        responseFields: Int = 200,
        connections: Int? = nil,
        connectionsPerAddress: Int? = nil,
        connectionRate: RateConfig? = nil,
        handshakeRate: RateConfig? = nil,
        requestsPerConnection: Int = 10_000,
        minimumRate: Int? = 100,
        keyUpdates: Int = 32,
        tinyRecords: Int = 10_000,
        memory: MemoryLimitConfig = .auto,
        buffer: Int = 65_536,
        listenBacklog: Int = 1024
    ) {
        self.requestHead = requestHead
        self.requestFields = requestFields
        self.requestBody = requestBody
        self.responseHead = responseHead
        self.responseFields = responseFields
        self.connections = connections
        self.connectionsPerAddress = connectionsPerAddress
        self.connectionRate = connectionRate
        self.handshakeRate = handshakeRate
        self.requestsPerConnection = requestsPerConnection
        self.minimumRate = minimumRate
        self.keyUpdates = keyUpdates
        self.tinyRecords = tinyRecords
        self.memory = memory
        self.buffer = buffer
        self.listenBacklog = listenBacklog
    }
}

import Config
import Platform
import TLS
import TestSupport

@testable import Proxy

/// A worker with a listener that speaks HTTP/2, and its clients.
struct StreamClient {
    let worker: RunningWorker
    private let address: SocketAddress
    private let context: TLSClientContext

    init(
        _ server: SocketAddress, speaks: BackendProtocol = .http1,
        timeouts: TimeoutConfig = TimeoutConfig(), rules: RouteRules? = nil,
        apart: [(path: String, rules: RouteRules)] = [],
        change: @escaping (inout RuntimeSettings) -> Void = { _ in }
    ) throws {
        try self.init(
            [server], speaks: speaks, timeouts: timeouts, rules: rules, apart: apart,
            change: change)
    }

    init(
        _ servers: [SocketAddress], _ policy: BackendPolicy = BackendPolicy(),
        speaks: BackendProtocol = .http1, timeouts: TimeoutConfig = TimeoutConfig(),
        rules: RouteRules? = nil, apart: [(path: String, rules: RouteRules)] = [],
        change: @escaping (inout RuntimeSettings) -> Void = { _ in }
    ) throws {
        let authority = try TestAuthority()
        let pair = try authority.issue("localhost")
        let credential = try Credential(chainPEM: pair.certificate, keyPEM: pair.key)
        worker = try RunningWorker()
        let listener = try WorkerSetup.listen()
        var setup = WorkerSetup(
            sites: [
                .init(
                    credential: credential, servers: servers, speaks: speaks, policy: policy,
                    rules: rules, apart: apart)
            ],
            timeouts: timeouts, change: change)
        setup.protocols = ["h2"]
        try worker.install(setup, on: listener)
        address = listener.address
        context = try TLSClientContext(trusted: authority.pair.certificate, alpn: ["h2"])
    }

    /// Connects a client.
    func connect(settings: [(UInt16, UInt32)] = []) throws -> StreamPeer {
        let peer = try Peer(address, tls: context, serverName: "localhost")
        return try StreamPeer(over: peer, settings: settings)
    }

    /// Connects a client that makes a call of gRPC.
    func call(_ payload: String = "call", hasEnd: Bool = true) throws -> StreamCaller {
        let peer = try Peer(address, tls: context, serverName: "localhost")
        return try StreamCaller(over: peer, payload, hasEnd: hasEnd)
    }

    /// The head of a request.
    static func request(
        _ stream: UInt32, _ method: String = "GET", _ path: String = "/", end: Bool = true,
        authority: String = "localhost"
    ) -> [UInt8] {
        Frame.headers(
            stream,
            [
                (":method", method), (":scheme", "https"), (":authority", authority),
                (":path", path),
            ], end: end)
    }
}

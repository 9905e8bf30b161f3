import Config
import HTTP
import Platform
import TestSupport

@testable import Proxy

/// A worker with one backend, which each reload describes anew.
final class ReloadScene {
    let worker: RunningWorker
    let listener: ListenerSocket
    private var generation: UInt64

    /// - Parameter generation: of the first; each next one begins with another server.
    init(generation: UInt64 = 1) throws {
        worker = try RunningWorker()
        listener = try WorkerSetup.listen()
        self.generation = generation
    }

    /// Serves by these servers from now on; by none of the backend where there are none.
    func serve(
        _ servers: [SocketAddress], _ speaks: BackendProtocol = .http1, isTCP: Bool = false,
        limits: BackendLimitConfig = BackendLimitConfig(), proxyHeader: ProxyVersion? = nil
    ) throws {
        let policy = BackendPolicy(
            timeouts: BackendTimeoutConfig(
                connect: .seconds(1_000), firstByte: .seconds(1_000_000)),
            limits: limits)
        let site = WorkerSetup.Site(
            servers: servers, speaks: speaks, policy: policy, proxyHeader: proxyHeader)
        var setup = WorkerSetup(sites: servers.isEmpty ? [] : [site])
        setup.tcp = isTCP ? 0 : nil
        try worker.install(setup, on: listener, generation: generation)
        generation += 1
    }

    func ask(_ path: String, body: String? = nil) throws -> Peer {
        let peer = try Peer(listener.address)
        if let body {
            try peer.send(
                head(
                    "PUT \(path) HTTP/1.1", "Host: localhost",
                    "Content-Length: \(body.utf8.count)") + body)
        } else {
            try peer.send(head("GET \(path) HTTP/1.1", "Host: localhost"))
        }
        return peer
    }
}

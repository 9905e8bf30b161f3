import Config
import Platform
import TLS
import TestSupport
import Testing

@testable import Proxy

/// A worker that accepts early data, and a client that has a ticket for that.
struct EarlyClient {
    let worker: RunningWorker
    private let address: SocketAddress
    private let context: TLSClientContext
    private let ticket: TLSClientTicket

    /// Gets the ticket by a request that no server hears of; a handshake has 30 seconds.
    init(
        _ server: SocketAddress, _ policy: BackendPolicy = BackendPolicy(),
        isClockStopped: Bool = false
    ) throws {
        let authority = try TestAuthority()
        let pair = try authority.issue("localhost", "strict.localhost")
        worker = try RunningWorker(isClockStopped: isClockStopped)
        let listener = try WorkerSetup.listen()
        var timeouts = TimeoutConfig()
        timeouts.handshake = .seconds(30)
        let site = WorkerSetup.Site(
            credential: try Credential(chainPEM: pair.certificate, keyPEM: pair.key),
            servers: [server], policy: policy)
        var strict = WorkerSetup.Site(hosts: ["strict.localhost"], servers: [server])
        strict.takesEarlyData = false
        try worker.install(
            WorkerSetup(
                sites: [site, strict], timeouts: timeouts, earlyData: try EarlyDataGate { 0 }),
            on: listener)
        address = listener.address
        context = try TLSClientContext(trusted: authority.pair.certificate)
        let first = try Peer(address, tls: context, serverName: "localhost")
        try first.send(head("GET / HTTP/1.1", "Host: other.example"))
        try #require(try first.reply().status == 421)
        ticket = try #require(first.ticket)
    }

    /// Connects as one that has no ticket.
    func connect() throws -> Peer {
        try Peer(address, tls: context, serverName: "localhost")
    }

    /// Sends this as early data, and waits until the worker has read it; the handshake has not
    /// ended then.
    func early(_ text: String) throws -> Peer {
        let peer = try Peer(
            address, tls: context, serverName: "localhost", ticket: ticket, early: text)
        // The server's flight is there, so that it has read ours.
        try #require(peer.hasInput(within: .seconds(20)))
        try worker.settle()
        return peer
    }
}

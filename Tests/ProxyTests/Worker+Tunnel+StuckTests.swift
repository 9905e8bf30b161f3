import Bytes
import Foundation
import Platform
import TestSupport
import Testing

@testable import Proxy

@Suite("Worker+Tunnel+Stuck", .serialized)
struct WorkerTunnelStuckTests {
    /// The reset stood behind what was not read, and both connections stayed open for as long as a
    /// tunnel may be silent.
    @Test(
        "A client's reset ends both connections at once, although its server takes nothing",
        arguments: [false, true])
    func clientReset(isTCP: Bool) throws {
        let end = DispatchSemaphore(value: 0)
        let origin = try Origin { connection in
            if !isTCP {
                _ = connection.readHead()
                connection.send(
                    head(
                        "HTTP/1.1 101 Switching Protocols", "Connection: upgrade", "Upgrade: x"))
            }
            end.wait()
        }
        let setup = WorkerSetup(sites: [.init(servers: [origin.address])], tcp: isTCP ? 0 : nil)
        let driven = try DrivenWorker(setup)
        do {
            let peer = try Peer(driven.address)
            if !isTCP {
                try peer.send(WorkerTunnelTests.ask)
                try driven.turn(untilInputFor: peer)
                #expect(try peer.reply().status == 101)
            }
            // More than all the buffers between the two take.
            peer.sendInBackground([UInt8](repeating: 120, count: 40_000_000))
            try driven.turn("full buffers") {
                driven.isUpstreamFull && (driven.upstream?.outbound.count ?? 0) >= 65_536
            }
            // The socket is closed when nobody holds it any more.
            peer.reset()
        }
        try driven.turn("the end of both connections") {
            driven.worker.downstreams.count == 0 && driven.upstream == nil
        }
        end.signal()
    }
}

import Bytes
import Platform
import TestSupport
import Testing

@testable import Proxy

@Suite("Worker+Accept", .serialized)
struct WorkerAcceptTests {
    /// It was deaf on that listener until the next reload.
    @Test("A listener that epoll does not take for now is tried again soon")
    func refused() throws {
        let origin = try Origin { $0.echo() }
        let setup = WorkerSetup(sites: [.init(servers: [origin.address])])
        let driven = try DrivenWorker(setup, isClockStopped: true)
        let listener = try #require(driven.worker.listeners.first)
        guard let descriptor = listener.socket?.socket.rawDescriptor else {
            throw TestFailure("no socket")
        }
        driven.worker.unwatch(listener)
        // What is watched already is refused.
        try driven.worker.poller.add(
            descriptor, token: Token.mailbox.packed, interest: [.edgeTriggered])
        driven.worker.watchListeners()
        #expect(!listener.isWatched)
        driven.worker.poller.remove(descriptor)
        driven.advance(by: Worker.acceptPause)
        #expect(listener.isWatched)
        let peer = try Peer(driven.address)
        try peer.send(head("GET / HTTP/1.1", "Host: localhost"))
        try driven.turn(untilInputFor: peer)
        #expect(try peer.reply().status == 200)
    }
}

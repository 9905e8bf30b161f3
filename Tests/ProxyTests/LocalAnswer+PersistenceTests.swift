import Platform
import TestSupport
import Testing

@testable import Proxy

/// What answers of our own say of the connection (RFC 9112 §9.3).
@Suite("LocalAnswer+Persistence", .serialized)
struct LocalAnswerPersistenceTests {
    /// A worker that answers everything itself: by 404, or by a redirect.
    private func start(_ redirectPort: UInt16?) throws -> (RunningWorker, Peer) {
        let worker = try RunningWorker()
        let listener = try WorkerSetup.listen()
        try worker.install(WorkerSetup(redirectPort: redirectPort), on: listener)
        return (worker, try Peer(listener.address))
    }

    /// It waited for the end of the connection, which did not come.
    @Test(
        "A client of HTTP/1.0 is told that its connection goes on",
        arguments: [(nil, 404), (443, 308)] as [(UInt16?, Int)])
    func keptAlive(redirectPort: UInt16?, status: Int) throws {
        let (worker, peer) = try start(redirectPort)
        for _ in 0..<2 {
            try peer.send(head("GET / HTTP/1.0", "Host: localhost", "Connection: keep-alive"))
            let reply = try peer.reply()
            #expect(reply.status == status)
            #expect(reply.field("connection") == "keep-alive")
        }
        try worker.stop()
    }

    @Test(
        "A client of HTTP/1.0 that has not asked for that is told of the end, which comes",
        arguments: [(nil, 404), (443, 308)] as [(UInt16?, Int)])
    func ended(redirectPort: UInt16?, status: Int) throws {
        let (worker, peer) = try start(redirectPort)
        try peer.send(head("GET / HTTP/1.0", "Host: localhost"))
        let reply = try peer.reply()
        #expect(reply.status == status)
        #expect(reply.field("connection") == "close")
        #expect(try peer.receiveAll() == "")
        try worker.stop()
    }

    @Test(
        "A client of HTTP/1.1 knows that its connection goes on",
        arguments: [(nil, 404), (443, 308)] as [(UInt16?, Int)])
    func known(redirectPort: UInt16?, status: Int) throws {
        let (worker, peer) = try start(redirectPort)
        for _ in 0..<2 {
            try peer.send(head("GET / HTTP/1.1", "Host: localhost"))
            let reply = try peer.reply()
            #expect(reply.status == status)
            #expect(reply.field("connection") == nil)
        }
        try worker.stop()
    }
}

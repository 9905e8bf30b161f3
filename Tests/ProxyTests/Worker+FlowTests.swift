import Bytes
import Config
import Foundation
import HTTP
import Platform
import TLS
import TestSupport
import Testing

@testable import Proxy

@Suite("Worker+Flow", .serialized)
struct WorkerFlowTests {
    static let size = 16 << 20
    static let small = 65_536
    static let large = 262_144

    /// A worker in the middle of a large response, of which nobody has read anything yet.
    private func downloading(
        change: @escaping (inout RuntimeSettings) -> Void = { _ in }
    ) throws -> (DrivenWorker, Peer, Origin) {
        let origin = try Origin { $0.answer(bytes: WorkerFlowTests.size) }
        let driven = try DrivenWorker(origin.address, change: change)
        let peer = try Peer(driven.address)
        try peer.send(head("GET / HTTP/1.1", "Host: localhost"))
        try driven.turn("the response's head") { driven.response > 0 }
        return (driven, peer, origin)
    }

    @Test("A response is read in larger pieces once its client has taken half a MiB")
    func growing() throws {
        let (driven, peer, origin) = try downloading()
        peer.readInBackground()
        #expect(driven.readLimit == WorkerFlowTests.small)
        var (last, most) = (driven.response, 0)
        try driven.turn("a large piece") {
            most = max(most, driven.response - last)
            // An event, and the turn of who was cut short.
            let isEarly = driven.response <= FlowMeter.steadyBytes
            #expect(most <= 2 * (isEarly ? WorkerFlowTests.small : WorkerFlowTests.large))
            last = driven.response
            return most > 2 * WorkerFlowTests.small
        }
        _ = origin
    }

    @Test("A client that stops reading gets small pieces again")
    func stalling() throws {
        let (driven, peer, origin) = try downloading()
        try driven.turn("a steady client") {
            _ = peer.hasInput(within: .zero) ? try peer.receive() : false
            peer.dropReceived()
            return driven.readLimit == WorkerFlowTests.large
        }
        try driven.turn("a full buffer") { driven.client?.canWrite == false }
        #expect(driven.readLimit == WorkerFlowTests.small)
        for _ in 0..<20 { driven.turn() }
        #expect(driven.waiting > 0)
        #expect(driven.waiting <= WorkerFlowTests.large + WorkerFlowTests.small)
        _ = origin
    }

    @Test(
        "The more reads bring much, the smaller are the pieces of each",
        arguments: [(0, 16), (2, 16), (3, 10), (4, 8), (6, 5), (8, 4), (9, 4), (256, 4)])
    func sharing(_ reads: Int, _ records: Int) throws {
        let (driven, peer, origin) = try downloading()
        for (last, now) in [(reads, 0), (0, reads), (reads, reads)] {
            driven.worker.largeReads = (last, now)
            #expect(driven.worker.recordsPerTurn(towards: .steady) == records)
        }
        _ = (peer, origin)
    }

    @Test(
        "One or two streams are read in larger pieces, while their windows are open",
        arguments: [(1, 16), (2, 16), (3, 4)])
    func streams(_ count: Int, _ records: Int) throws {
        let (driven, peer, origin) = try downloading()
        let (client, upstream) = (try #require(driven.client), try #require(driven.upstream))
        let exchange = try #require(upstream.exchange)
        let link = HTTP2Link(session: try HTTP2Session(role: .server, milliseconds: 0))
        for number in 0..<count { link.insert(exchange, stream: Int32(number) * 2 + 1) }
        (client.flow, upstream.bringsMuch) = (.steady, true)
        upstream.inbound.removeAll()
        #expect(driven.worker.readLimit(upstream) == records * RecordSizer.largeBytes)
        link.sealsInPlace = true
        #expect(driven.worker.readLimit(upstream) == records * HTTP2Link.sealedPiece)
        upstream.inbound.append("left")
        #expect(driven.worker.readLimit(upstream) == 4 * HTTP2Link.sealedPiece)
        exchange.link = nil
        _ = (peer, origin)
    }

    @Test("A read brings much where it fills a turn's records")
    func much() throws {
        let (driven, peer, origin) = try downloading()
        for (count, brings) in [(1, false), (65_499, false), (65_500, true), (262_144, true)] {
            driven.worker.largeReads.now = 0
            let isMuch = driven.worker.bringsMuch(count)
            #expect(isMuch == brings && driven.worker.largeReads.now == (brings ? 1 : 0))
        }
        _ = (peer, origin)
    }

    @Test("Many large responses at once are read in small pieces")
    func crowd() throws {
        let origin = try Origin { $0.answer(bytes: WorkerFlowTests.size) }
        let driven = try DrivenWorker(origin.address)
        for _ in 0..<10 {
            let peer = try Peer(driven.address)
            try peer.send(head("GET / HTTP/1.1", "Host: localhost"))
            peer.readInBackground()
        }
        var isSteady = false
        try driven.turn("the end of all") {
            let read = driven.worker.largeReads.last
            for upstream in (0..<10).compactMap({ driven.worker.upstreams.element(at: $0) })
            where read >= 8 {
                #expect(driven.worker.readLimit(upstream) == WorkerFlowTests.small)
                isSteady = isSteady || upstream.exchange?.downstream?.flow.isSteady == true
            }
            return driven.worker.upstreams.count > 0
                && (0..<10).allSatisfy { driven.worker.upstreams.element(at: $0)?.phase == .idle }
        }
        #expect(isSteady)
    }

    @Test("Who has brought much and is quiet holds no buffer", arguments: [false, true])
    func quiet(_ isHTTP2: Bool) throws {
        let go = DispatchSemaphore(value: 0)
        defer { go.signal() }
        let origin = try Origin { connection in
            _ = connection.readHead()
            let length = WorkerFlowTests.size + 4
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\n\r\n")
            connection.send([UInt8](repeating: 120, count: WorkerFlowTests.size))
            go.wait()
            connection.send("rest")
        }
        let driven = try isHTTP2 ? streaming(origin.address) : plain(origin.address)
        try driven.turn("all but the rest") {
            driven.upstream?.exchange?.bytesOut == WorkerFlowTests.size
        }
        try driven.turn("an empty buffer") { driven.waiting == 0 }
        driven.turn()
        #expect(driven.upstream.map { $0.inbound.capacity } == 0)
        // The worker has two of its own.
        #expect(driven.worker.buffers.usedBytes < 3 * WorkerFlowTests.small)
        go.signal()
        try driven.turn("the rest") { driven.upstream == nil }
    }

    /// A worker with a client that asks once and reads all.
    private func plain(_ server: SocketAddress) throws -> DrivenWorker {
        let driven = try DrivenWorker(server)
        let peer = try Peer(driven.address)
        try peer.send(head("GET / HTTP/1.1", "Host: localhost"))
        peer.readInBackground()
        return driven
    }

    /// The same over TLS and HTTP/2, with windows that are never in the way.
    private func streaming(_ server: SocketAddress) throws -> DrivenWorker {
        let authority = try TestAuthority()
        let pair = try authority.issue("localhost")
        let credential = try Credential(chainPEM: pair.certificate, keyPEM: pair.key)
        var setup = WorkerSetup(sites: [.init(credential: credential, servers: [server])])
        setup.protocols = ["h2"]
        let driven = try DrivenWorker(setup)
        let (address, trusted) = (driven.address, authority.pair.certificate)
        Foundation.Thread {
            guard let context = try? TLSClientContext(trusted: trusted, alpn: ["h2"]),
                let peer = try? Peer(address, tls: context, serverName: "localhost"),
                let client = try? StreamPeer(over: peer, settings: [(4, 0x7fff_ffff)])
            else { return }
            try? client.send(Frame.windowUpdate(0, 0x7fff_0000) + StreamClient.request(1))
            try? client.drain()
        }.start()
        return driven
    }

    @Test("A large response does not keep batches of new connections from growing")
    func flood() throws {
        let (driven, peer, origin) = try downloading()
        peer.readInBackground()
        let others = try (0..<40).map { _ in try Peer(driven.address) }
        // Batches of 1, 1, 2, 4, 8, 16 and 32.
        for _ in 0..<7 { driven.turn() }
        #expect(driven.worker.downstreams.count == 41)
        _ = (others, origin)
    }

    @Test("Pieces are small where memory is scarce")
    func pressure() throws {
        let (driven, peer, origin) = try downloading()
        driven.worker.pressure = .high
        #expect(driven.worker.recordsPerTurn(towards: .steady) == 4)
        _ = (peer, origin)
    }

    @Test(
        "No piece is larger than four times what may wait",
        arguments: [
            (4_096, 4), (16_384, 4), (20_479, 4), (20_480, 5), (32_768, 8), (65_535, 15),
            (65_536, 16), (1 << 24, 16),
        ])
    func buffer(_ bytes: Int, _ records: Int) throws {
        let (driven, peer, origin) = try downloading { $0.bufferBytes = bytes }
        #expect(driven.worker.recordsPerTurn(towards: .steady) == records)
        _ = (peer, origin)
    }

    @Test("A request's body is read in larger pieces once its server has taken half a MiB")
    func upload() throws {
        let origin = try Origin { connection in
            _ = connection.readHead()
            for _ in 0..<(WorkerFlowTests.size >> 20) { _ = connection.read(1 << 20) }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        }
        let driven = try DrivenWorker(origin.address)
        let peer = try Peer(driven.address)
        try peer.send(
            head("POST / HTTP/1.1", "Host: localhost", "Content-Length: \(WorkerFlowTests.size)"))
        peer.sendInBackground([UInt8](repeating: 120, count: WorkerFlowTests.size))
        try driven.turn("the first bytes") { driven.client?.exchange?.isBegun == true }
        var (last, most) = (0, 0)
        try driven.turn("a large piece") {
            let taken = driven.client?.exchange?.bytesIn ?? last
            (last, most) = (taken, max(most, taken - last))
            return most > 2 * WorkerFlowTests.small
        }
        try driven.turn(untilInputFor: peer)
        #expect(try peer.reply().status == 200)
    }
}

extension FlowMeter {
    /// One of a socket that has taken enough.
    static var steady: FlowMeter {
        var meter = FlowMeter()
        meter.took(FlowMeter.steadyBytes, isAll: true)
        return meter
    }
}

extension DrivenWorker {
    /// The only client.
    fileprivate var client: DownstreamConnection? { worker.downstreams.element(at: 0) }

    /// How much of the response's body has been passed on.
    fileprivate var response: Int { client?.exchange?.bytesOut ?? 0 }

    /// How much waits for the client.
    fileprivate var waiting: Int { client.map { $0.outbound.count } ?? 0 }

    /// How much would be read of the only server.
    fileprivate var readLimit: Int { upstream.map { worker.readLimit($0) } ?? 0 }
}

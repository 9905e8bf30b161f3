import Bytes
import Config
import Platform
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
        "The more are cut short, the smaller are the pieces of each",
        arguments: [(0, 16), (2, 16), (3, 10), (4, 8), (8, 4), (9, 4), (256, 4)])
    func sharing(_ others: Int, _ records: Int) throws {
        let (driven, peer, origin) = try downloading()
        let upstream = try #require(driven.upstream)
        driven.worker.readyDownstreams.removeAll()
        driven.worker.readyUpstreams = Array(repeating: upstream, count: others)
        #expect(driven.worker.recordsPerTurn(towards: .steady) == records)
        driven.worker.readyUpstreams.removeAll()
        _ = (peer, origin)
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
        arguments: [(4_096, 4), (16_384, 4), (32_768, 8), (65_536, 16), (1 << 24, 16)])
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
        meter.took(FlowMeter.steadyBytes)
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

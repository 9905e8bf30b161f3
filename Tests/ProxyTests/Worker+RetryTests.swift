import Config
import Platform
import TestSupport
import Testing

@testable import Proxy

/// What is sent to another server, and what is not: judged by what the servers saw.
@Suite("Worker+Retry", .serialized)
struct WorkerRetryTests {
    static let idempotent = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"]
    static let others = ["POST", "PATCH", "PURGE"]
    static let everything = RetryConfig(attempts: 1, causes: RetryCause.allCases)

    /// What a client gets for one request.
    private func ask(
        _ cluster: Cluster, _ retries: RetryConfig?, _ request: String, method: String = "GET",
        _ body: (RunningWorker) throws -> Void = { _ in }
    ) throws -> Reply {
        let (worker, address) = try RunningWorker.serving(
            cluster.addresses, BackendPolicy(retries: retries))
        let peer = try Peer(address)
        try peer.send(request)
        try body(worker)
        let reply = try peer.reply(to: method)
        try worker.stop()
        return reply
    }

    static func request(_ method: String, _ body: String = "") -> String {
        let length = body.isEmpty ? "" : "Content-Length: \(body.utf8.count)\r\n"
        return "\(method) /it HTTP/1.1\r\nHost: localhost\r\n\(length)\r\n\(body)"
    }

    static func servers(_ cluster: Cluster) -> Set<Int> { Set(cluster.attempts.map(\.server)) }

    /// Each of them took a part of the stack, until there was none left.
    @Test("Thousands of servers that are not there are tried, and the client hears of it")
    func thousands() throws {
        let servers = (0..<2_000).map { SocketAddress.unix("/nonexistent/\($0)") }
        let (worker, address) = try RunningWorker.serving(servers, BackendPolicy())
        let peer = try Peer(address)
        for method in ["GET", "POST"] {
            try peer.send(WorkerRetryTests.request(method))
            #expect(try peer.reply(to: method).status == 503)
        }
        try worker.stop()
    }

    // MARK: - By cause and method

    @Test("What a server resets before it answers goes to another one", arguments: idempotent)
    func reset(method: String) throws {
        let cluster = try Cluster(servers: 2, .reset(after: nil))
        let reply = try ask(
            cluster, RetryConfig(), WorkerRetryTests.request(method), method: method)
        #expect(reply.status == 200)
        #expect(cluster.attempts.count == 2)
        #expect(WorkerRetryTests.servers(cluster) == [0, 1])
    }

    @Test(
        "A request that is not idempotent reaches one server, whatever becomes of it",
        arguments: others,
        [
            (Cluster.Fate.reset(after: nil), 502), (.reset(after: 1), 502), (.close, 502),
            (.cut, 502), (.status(503), 503), (.status(429), 429),
        ])
    func never(method: String, outcome: (fate: Cluster.Fate, status: Int)) throws {
        let cluster = try Cluster(servers: 3, outcome.fate, outcome.fate)
        let retries = RetryConfig(attempts: 3, causes: RetryCause.allCases)
        let reply = try ask(cluster, retries, WorkerRetryTests.request(method, "body"))
        #expect(reply.status == outcome.status)
        #expect(cluster.attempts.count == 1)
    }

    @Test("A status that counts as a failure is asked of another server", arguments: idempotent)
    func status(method: String) throws {
        let cluster = try Cluster(servers: 2, .status(503))
        let retries = RetryConfig(attempts: 1, causes: [.unavailable])
        let reply = try ask(cluster, retries, WorkerRetryTests.request(method), method: method)
        #expect(reply.status == 200)
        #expect(WorkerRetryTests.servers(cluster) == [0, 1])
    }

    @Test("Any other status is the client's", arguments: [500, 502, 504, 429, 404, 200, 304])
    func otherStatus(status: Int) throws {
        let cluster = try Cluster(servers: 2, .status(status))
        let retries = RetryConfig(attempts: 1, causes: [.unavailable])
        let reply = try ask(
            cluster, retries, WorkerRetryTests.request("HEAD"), method: "HEAD")
        #expect(reply.status == status)
        #expect(cluster.attempts.count == 1)
    }

    @Test("The last attempt's response is the client's, as the server said it")
    func lastResponse() throws {
        let cluster = try Cluster(servers: 3, .status(503), .status(502), .status(504))
        let retries = RetryConfig(
            attempts: 2, causes: [.unavailable, .badGateway, .gatewayTimeout])
        let reply = try ask(cluster, retries, WorkerRetryTests.request("GET"))
        #expect(reply.status == 504)
        #expect(reply.body.hasSuffix("attempt 2"))
        #expect(WorkerRetryTests.servers(cluster) == [0, 1, 2])
    }

    @Test("Where every server has had the request, the last response is the client's")
    func everyServer() throws {
        let cluster = try Cluster(servers: 2, .status(503), .status(503), .status(503))
        let retries = RetryConfig(attempts: 9, causes: [.unavailable])
        let reply = try ask(cluster, retries, WorkerRetryTests.request("GET"))
        #expect(reply.status == 503)
        #expect(reply.body.hasSuffix("attempt 1"))
        #expect(cluster.attempts.count == 2)
    }

    @Test("The only server is asked again", arguments: [0, 1, 2])
    func onlyServer(attempts: Int) throws {
        let cluster = try Cluster(servers: 1, .status(503), .reset(after: nil), .status(503))
        let retries = RetryConfig(attempts: attempts, causes: [.unavailable, .reset])
        let reply = try ask(cluster, retries, WorkerRetryTests.request("GET"))
        #expect(reply.status == [503, 502, 503][attempts])
        #expect(cluster.attempts.count == attempts + 1)
    }

    @Test("A server that is silent loses the request to another", arguments: idempotent)
    func firstByte(method: String) throws {
        let cluster = try Cluster(servers: 2, .silence)
        let policy = BackendPolicy(
            timeouts: BackendTimeoutConfig(firstByte: .seconds(1_000)),
            retries: RetryConfig(attempts: 1, causes: [.firstByteTimeout]))
        let (worker, address) = try RunningWorker.serving(cluster.addresses, policy)
        let peer = try Peer(address)
        try peer.send(WorkerRetryTests.request(method, method == "PUT" ? "body" : ""))
        try Deadline.wait("an attempt") { cluster.attempts.first?.isWhole == true }
        try worker.advance(by: .seconds(1_001))
        #expect(try peer.reply(to: method).status == 200)
        #expect(WorkerRetryTests.servers(cluster) == [0, 1])
        try worker.stop()
    }

    @Test("Without that cause, and with another method, the client hears of it", arguments: [0, 1])
    func firstByteNotRepeated(place: Int) throws {
        let cluster = try Cluster(servers: 2, .silence)
        let policy = BackendPolicy(
            timeouts: BackendTimeoutConfig(firstByte: .seconds(1_000)),
            retries: [RetryConfig(), RetryConfig(causes: [.firstByteTimeout])][place])
        let (worker, address) = try RunningWorker.serving(cluster.addresses, policy)
        let peer = try Peer(address)
        try peer.send(WorkerRetryTests.request(["GET", "POST"][place], ["", "body"][place]))
        try Deadline.wait("an attempt") { cluster.attempts.first?.isWhole == true }
        try worker.advance(by: .seconds(1_001))
        #expect(try peer.reply().status == 504)
        #expect(cluster.attempts.count == 1)
        try worker.stop()
    }

    @Test(
        "A server that takes no connection is passed over",
        arguments: ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"] + others)
    func connect(method: String) throws {
        let cluster = try Cluster(servers: 1)
        let closed = try SocketAddress.vacant()
        let (worker, address) = try RunningWorker.serving(
            [closed, cluster.addresses[0]],
            BackendPolicy(retries: RetryConfig(attempts: 0, causes: [.connect])))
        for _ in 0..<2 {
            let peer = try Peer(address)
            try peer.send(WorkerRetryTests.request(method, "body"))
            #expect(try peer.reply(to: method).status == 200)
        }
        #expect(cluster.attempts.map(\.body) == ["body", "body"])
        try worker.stop()
    }

    @Test("Without retries nothing is sent again", arguments: [0, 1])
    func off(place: Int) throws {
        let cluster = try Cluster(servers: 2, .reset(after: nil))
        let retries = [nil, RetryConfig(attempts: 0, causes: RetryCause.allCases)][place]
        let reply = try ask(cluster, retries, WorkerRetryTests.request("GET"))
        #expect(reply.status == 502)
        #expect(cluster.attempts.count == 1)
    }

    // MARK: - Bodies

    @Test(
        "A body that is kept comes to the next server byte by byte",
        arguments: [1, 1_000, 65_535, 65_536], [nil, 0, 1, 900])
    func replay(size: Int, seen: Int?) throws {
        let cluster = try Cluster(servers: 2, .reset(after: seen.map { min($0, size) }))
        let body = WorkerRetryTests.body(size)
        let reply = try ask(
            cluster, WorkerRetryTests.everything, WorkerRetryTests.request("PUT", body))
        #expect(reply.status == 200)
        #expect(cluster.attempts.count == 2)
        #expect(cluster.attempts.last?.body == body)
    }

    @Test("A body that is too large to be kept is sent once", arguments: [65_537, 1_000_000])
    func tooLarge(size: Int) throws {
        let cluster = try Cluster(servers: 2, .reset(after: nil))
        let reply = try ask(
            cluster, WorkerRetryTests.everything,
            WorkerRetryTests.request("PUT", WorkerRetryTests.body(size)))
        #expect(reply.status == 502)
        #expect(cluster.attempts.count == 1)
    }

    @Test("A body in chunks is kept as well, and one that grows too large is not")
    func chunks() throws {
        for (pieces, status) in [(4, 200), (9, 502)] {
            let cluster = try Cluster(servers: 2, .reset(after: nil))
            let piece = WorkerRetryTests.body(8_192)
            let chunk = "2000\r\n\(piece)\r\n"
            let request =
                head("PUT / HTTP/1.1", "Host: localhost", "Transfer-Encoding: chunked")
                + String(repeating: chunk, count: pieces) + "0\r\n\r\n"
            let reply = try ask(cluster, WorkerRetryTests.everything, request)
            #expect(reply.status == status)
            if status == 200 {
                #expect(cluster.attempts.last?.body == String(repeating: piece, count: pieces))
                #expect(cluster.attempts.last?.isWhole == true)
            }
        }
    }

    @Test("A body of which half has come when the server resets goes on at the next one")
    func half() throws {
        let cluster = try Cluster(servers: 2, .reset(after: 500))
        let body = WorkerRetryTests.body(1_000)
        let (worker, address) = try RunningWorker.serving(
            cluster.addresses, BackendPolicy(retries: WorkerRetryTests.everything))
        let peer = try Peer(address)
        let request = WorkerRetryTests.request("PUT", body)
        try peer.send(String(request.dropLast(500)))
        try Deadline.wait("two attempts") { cluster.attempts.count == 2 }
        try peer.send(String(request.suffix(500)))
        #expect(try peer.reply().status == 200)
        #expect(cluster.attempts.last?.body == body)
        try worker.stop()
    }

    /// The second 100 is nobody's: the client has had one.
    @Test("A client that waits for 100 hears it once")
    func expect() throws {
        let cluster = try Cluster(servers: 2, .continued(503), .continued(200))
        let (worker, address) = try RunningWorker.serving(
            cluster.addresses, BackendPolicy(retries: WorkerRetryTests.everything))
        let peer = try Peer(address)
        try peer.send(
            head("PUT / HTTP/1.1", "Host: localhost", "Content-Length: 4", "Expect: 100-continue"))
        #expect(try peer.reply().status == 100)
        try peer.send("body")
        #expect(try peer.reply().status == 200)
        #expect(cluster.attempts.map(\.body) == ["body", "body"])
        try worker.stop()
    }

    @Test("A client that waits for 100 is asked by the second server where the first declines")
    func declined() throws {
        let cluster = try Cluster(servers: 2, .status(503), .continued(200))
        let (worker, address) = try RunningWorker.serving(
            cluster.addresses, BackendPolicy(retries: WorkerRetryTests.everything))
        let peer = try Peer(address)
        try peer.send(
            head("PUT / HTTP/1.1", "Host: localhost", "Content-Length: 4", "Expect: 100-continue"))
        #expect(try peer.reply().status == 100)
        try peer.send("body")
        #expect(try peer.reply().status == 200)
        #expect(cluster.attempts.map(\.body) == ["", "body"])
        try worker.stop()
    }

    static func body(_ size: Int) -> String {
        String(decoding: (0..<size).map { UInt8(97 + $0 * 7 % 26) }, as: UTF8.self)
    }

    // MARK: - Budget

    @Test("The budget bounds further attempts, and what it denies is counted")
    func budget() throws {
        let fates = Array(repeating: Cluster.Fate.status(503), count: 2 * RetryBudget.floor + 2)
        let cluster = try Cluster(servers: 2, fates)
        let retries = RetryConfig(attempts: 1, causes: [.unavailable], budget: 1)
        // The window of the budget would move on by itself otherwise.
        let (worker, address) = try RunningWorker.serving(
            cluster.addresses, BackendPolicy(retries: retries), isClockStopped: true)
        let peer = try Peer(address)
        for number in 1...RetryBudget.floor + 2 {
            try peer.send(WorkerRetryTests.request("GET"))
            #expect(try peer.reply().status == 503)
            let further = min(number, RetryBudget.floor)
            #expect(cluster.attempts.count == number + further)
        }
        #expect(try worker.sample("martlet_upstream_limits_total", "retry_budget") == 2)
        #expect(
            try worker.sample("martlet_upstream_retries_total", "status") == RetryBudget.floor)
        try worker.advance(by: .seconds(20))
        try peer.send(WorkerRetryTests.request("GET"))
        #expect(try peer.reply().status == 200)
        try worker.stop()
    }

    @Test("A budget of nothing lets nothing be sent again")
    func noBudget() throws {
        let cluster = try Cluster(servers: 2, .reset(after: nil))
        let retries = RetryConfig(attempts: 3, budget: 0)
        #expect(try ask(cluster, retries, WorkerRetryTests.request("GET")).status == 502)
        #expect(cluster.attempts.count == 1)
    }
}

import Config
import Platform
import Synchronization
import Testing

@testable import Proxy

@Suite("RateBuckets")
struct RateBucketsTests {
    private let now = MonotonicTime(nanoseconds: 1_000_000_000)

    private func limit(_ burst: Int, _ name: String = "a") throws -> RateLimit {
        try #require(RateLimit(RateConfig(perSecond: 1, burst: burst), name: name))
    }

    @Test("An address has its burst, each limit for itself, and is told how long to wait")
    func burst() throws {
        let buckets = RateBuckets()
        let client = SocketAddress.ipv4(0x7f00_0001, port: 9).hostKey
        for name in ["a", "b"] {
            let limit = try limit(3, name)
            let waits = (0..<4).map { _ in buckets.take(client, of: limit, now: now) }
            #expect(waits == [.zero, .zero, .zero, .seconds(1)])
        }
    }

    @Test("One customer's IPv6 addresses share a bucket, those of another have their own")
    func prefix() throws {
        let buckets = RateBuckets()
        let limit = try limit(1)
        let waits = [(1, 1), (1, 2), (2, 1)].map { upper, lower in
            buckets.take(SocketAddress.ipv6(upper, lower, port: 1).hostKey, of: limit, now: now)
        }
        #expect(waits == [.zero, .seconds(1), .zero])
    }

    @Test("A thousand addresses are told apart")
    func addresses() throws {
        let buckets = RateBuckets()
        let limit = try limit(2)
        for _ in 0..<2 {
            for host: UInt32 in 0..<1_000 {
                let client = SocketAddress.ipv4(host, port: 1).hostKey
                #expect(buckets.take(client, of: limit, now: now) == .zero)
            }
        }
        for host: UInt32 in 0..<1_000 {
            let client = SocketAddress.ipv4(host, port: 1).hostKey
            #expect(buckets.take(client, of: limit, now: now) > .zero)
        }
    }

    @Test("Several workers together give out the burst and no more")
    func together() throws {
        let buckets = RateBuckets()
        let limit = try limit(1_000)
        let given = Atomic<Int>(0)
        let client = SocketAddress.ipv4(1, port: 1).hostKey
        try withThreads(4) { [now] in
            for _ in 0..<500 where buckets.take(client, of: limit, now: now) == .zero {
                given.add(1, ordering: .relaxed)
            }
        }
        #expect(given.load(ordering: .relaxed) == 1_000)
    }

    private func withThreads(_ count: Int, _ body: @escaping @Sendable () -> Void) throws {
        let threads = try (0..<count).map { index in
            try Thread.start(name: "taker-\(index)", cpu: nil, body)
        }
        for thread in threads { thread.join() }
    }

    @Test("What limits nothing has no limit; what is named alike is the same")
    func names() throws {
        #expect(RateLimit(nil, name: "a") == nil)
        #expect(try limit(1, "a") == limit(1, "a"))
        #expect(try limit(1, "a") != limit(1, "b"))
    }
}

import Config
import Testing

@testable import Proxy

@Suite("BackendPolicy")
struct BackendPolicyTests {
    @Test(
        "Each worker has its share, rounded up",
        arguments: [(1, 2, 1), (2, 2, 1), (3, 2, 2), (100, 8, 13), (7, 1, 7)])
    func shares(number: Int, workers: Int, share: Int) {
        let limits = BackendLimitConfig(
            connections: number, requests: number, pending: number, queue: number)
        let policy = BackendPolicy(limits: limits, workers: workers)
        #expect(policy.limits.connections == share)
        #expect(policy.limits.requests == share)
        #expect(policy.limits.pending == share)
        #expect(policy.limits.queue == share)
    }

    @Test("What has no limit has none in any worker, and no queue is none")
    func unlimited() {
        let policy = BackendPolicy(workers: 8)
        #expect(policy.limits == BackendLimitConfig())
        #expect(policy.limits.queue == 0)
    }

    @Test("A backend without retries has no cause, no attempt and keeps nothing")
    func retriesOff() {
        let policy = BackendPolicy(retries: nil)
        #expect(policy.retries.attempts == 0)
        #expect(policy.retries.causes == [])
        #expect(policy.retries.bodyBytes == 0)
        #expect(policy.retries.wait == .zero)
    }

    @Test("A backend's own timeouts count in the place of the common ones")
    func timeouts() {
        let common = TimeoutConfig()
        #expect(ServerTimeouts(common).connect == common.upstreamConnect)
        let own = ServerTimeouts(
            common, BackendTimeoutConfig(connect: .seconds(1), betweenBytes: .seconds(3)))
        #expect(own.connect == .seconds(1))
        #expect(own.firstByte == common.upstreamFirstByte)
        #expect(own.betweenBytes == .seconds(3))
    }
}

import Platform
import Testing

@testable import Server

struct RenewalRetryTests {
    @Test("Each refusal waits twice as long as the one before, but no longer than a quarter hour")
    func doubles() {
        var retry = RenewalRetry()
        #expect(retry.dueAt == nil)
        var now = MonotonicTime(nanoseconds: 1_000_000_000)
        for seconds in [10, 20, 40, 80, 160, 320, 640, 900, 900] {
            retry.fail(["why"], now: now)
            #expect(retry.dueAt == now + .seconds(seconds))
            // A file that changes does not put it off.
            retry.fail(["why"], now: now + .seconds(1))
            #expect(retry.dueAt == now + .seconds(seconds))
            now = now + .seconds(seconds)
        }
        #expect(retry.reasons == ["why"])
        retry.fail(["why", "another"], now: now)
        #expect(retry.dueAt == now + .seconds(10))
        // One reason less is no other one.
        retry.fail(["why"], now: now + .seconds(10))
        #expect(retry.dueAt == now + .seconds(30))
    }

    @Test("Nothing is tried again once all files were taken in, and the next refusal waits little")
    func succeeds() {
        var retry = RenewalRetry()
        let now = MonotonicTime(nanoseconds: 1_000_000_000)
        for _ in 0..<3 { retry.fail(["why"], now: now) }
        retry.succeed()
        #expect(retry.dueAt == nil && retry.reasons.isEmpty)
        retry.fail(["other"], now: now)
        #expect(retry.dueAt == now + .seconds(10))
    }
}

import Testing

@testable import TLS

struct ErrorQueueTests {
    @Test("An empty queue has nothing to say")
    func empty() {
        _ = ErrorQueue.take()
        #expect(ErrorQueue.take() == nil)
        #expect(ErrorQueue.takeText() == "no reason given")
        #expect(
            ErrorQueue.takeError("do it")
                == TLSError(operation: "do it", reason: "no reason given"))
    }

    @Test("An error is taken with its words, and the queue is empty afterwards")
    func words() {
        let error = #expect(throws: TLSError.self) { _ = try TestSites().client(suites: "none") }
        #expect(error == TLSError(operation: "set the suites", reason: "no cipher match"))
        #expect(ErrorQueue.take() == nil)
    }
}

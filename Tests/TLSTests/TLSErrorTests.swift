import Testing

@testable import TLS

struct TLSErrorTests {
    @Test("An error says what failed and why, in one line")
    func description() {
        let error = TLSError(operation: "set the suites", reason: "no cipher match")
        #expect("\(error)" == "cannot set the suites: no cipher match")
        #expect(error == TLSError(operation: "set the suites", reason: "no cipher match"))
        #expect(error != TLSError(operation: "set the suites", reason: "out of memory"))
    }
}

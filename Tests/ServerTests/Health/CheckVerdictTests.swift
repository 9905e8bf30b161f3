import Glibc
import Platform
import Telemetry
import Testing

@testable import Server

struct CheckVerdictTests {
    @Test(
        "Only where nobody listens at the server's own port is a failed connection a refusal",
        arguments: [
            (ECONNREFUSED, true, true), (ENOENT, true, true), (ECONNREFUSED, false, false),
            (EHOSTUNREACH, true, false), (ETIMEDOUT, true, false),
        ])
    func refusal(code: CInt, isAtOwnPort: Bool, isRefusal: Bool) {
        let error = SystemError(code: code, operation: "connect to", subject: "s")
        let verdict = CheckVerdict.unreachable(error, isAtOwnPort: isAtOwnPort)
        #expect(verdict.isRefusal == isRefusal && verdict.result == .connect)
        #expect(verdict.cause == "it cannot be connected to: \(SystemError.explain(code))")
    }

    @Test("A failure without a number says what the kernel was not even asked")
    func unnumbered() {
        let error = SystemError(code: 0, operation: "connect to", subject: "s: no such host")
        let verdict = CheckVerdict.unreachable(error, isAtOwnPort: true)
        #expect(verdict.cause == "it cannot be connected to: connect to s: no such host")
        #expect(!verdict.isRefusal)
    }
}

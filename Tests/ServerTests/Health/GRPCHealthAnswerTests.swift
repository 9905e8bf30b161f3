import Bytes
import HTTP
import Telemetry
import Testing

@testable import Server

struct GRPCHealthAnswerTests {
    private func judge(
        _ message: [UInt8], size: Int = 100_000,
        _ fields: [(String, String)] = [("grpc-status", "0")]
    ) -> CheckVerdict {
        var answer = GRPCHealthAnswer(service: "a.B")
        for start in stride(from: 0, to: message.count, by: size) {
            let piece = message[start..<min(message.count, start + size)]
            if let verdict = answer.take(piece.span) { return verdict }
        }
        var block = FieldBlock()
        for (name, value) in fields {
            block.append(name: Array(name.utf8).span, value: Array(value.utf8).span)
        }
        return answer.judge(block)
    }

    private static func framed(_ message: [UInt8], flag: UInt8 = 0) -> [UInt8] {
        [flag, 0, 0, UInt8(message.count >> 8), UInt8(message.count & 0xff)] + message
    }

    @Test(
        "The message names the service in its field 1",
        arguments: [
            (0, [0, 0, 0, 0, 0] as [UInt8]), (1, [0, 0, 0, 0, 3, 0x0a, 1]),
            (127, [0, 0, 0, 0, 129, 0x0a, 127]), (128, [0, 0, 0, 0, 131, 0x0a, 0x80, 1]),
            (255, [0, 0, 0, 1, 2, 0x0a, 0xff, 1]),
        ])
    func request(count: Int, begin: [UInt8]) {
        let answer = GRPCHealthAnswer(service: String(repeating: "s", count: count))
        #expect(answer.request == begin + Array(repeating: UInt8(ascii: "s"), count: count))
    }

    @Test(
        "Only SERVING is well",
        arguments: [
            ([8, 1] as [UInt8], ""), ([8, 0], "it says UNKNOWN"), ([], "it says UNKNOWN"),
            ([8, 2], "it says NOT_SERVING"), ([8, 3], "it says SERVICE_UNKNOWN"),
            ([8, 0x81, 1], "it says 129"), ([8, 2, 8, 1], ""),
        ])
    func states(message: [UInt8], cause: String) {
        for size in [1, 100] {
            let verdict = judge(GRPCHealthAnswerTests.framed(message), size: size)
            #expect(verdict.result == (cause.isEmpty ? .passed : .status))
            #expect(verdict.cause.hasPrefix(cause))
        }
    }

    @Test(
        "Fields that nobody knows are passed over",
        arguments: [
            [0x10, 0xff, 0x7f], [0x12, 3, 1, 2, 3], [0x12, 0], [0x1d, 1, 2, 3, 4],
            [0x19, 1, 2, 3, 4, 5, 6, 7, 8], [0x80, 0x01, 5],
        ] as [[UInt8]])
    func unknown(field: [UInt8]) {
        #expect(judge(GRPCHealthAnswerTests.framed(field + [8, 1])).isPassed)
        #expect(judge(GRPCHealthAnswerTests.framed([8, 1] + field)).isPassed)
        for count in 1..<field.count {
            let cut = judge(GRPCHealthAnswerTests.framed(Array(field.prefix(count))))
            #expect(cut.result == .malformed, "\(field) cut to \(count)")
        }
    }

    @Test(
        "What is no message is said to be none",
        arguments: [
            [], [0], [0, 0, 0, 0], [0, 0, 0, 0, 2, 8], [0, 0, 0, 0, 1, 8, 1],
            [1, 0, 0, 0, 2, 8, 1],
            [0, 0xff, 0xff, 0xff, 0xff, 8, 1], [0, 0, 0, 0, 1, 8], [0, 0, 0, 0, 1, 0x0b],
            [0, 0, 0, 0, 11, 8] + Array(repeating: 0x80, count: 10),
        ] as [[UInt8]])
    func malformed(bytes: [UInt8]) {
        let verdict = judge(bytes)
        #expect(verdict.result == .malformed, "\(bytes)")
        #expect(verdict.cause == "its answer is no message of the health service")
    }

    @Test(
        "The status of the call comes first",
        arguments: [
            ("5", "it knows no service 'a.B'"), ("12", "it has no health service"),
            ("14", "it answered with grpc-status 14"),
        ])
    func refusals(code: String, cause: String) {
        let verdict = judge(GRPCHealthAnswerTests.framed([8, 1]), [("grpc-status", code)])
        #expect(verdict == .failed(.status, cause))
        #expect(judge([], [("x", "0")]).cause == "its answer has no grpc-status")
        #expect(judge([], [("grpc-status", "x")]).cause == "its answer has no grpc-status")
    }

    @Test("A message has at most 4096 bytes", arguments: [-1, 0, 1])
    func limit(excess: Int) {
        let rest = GRPCHealthAnswer.limit + excess - 5 - 2 - 3
        let field: [UInt8] = [0x12, UInt8(rest & 0x7f) | 0x80, UInt8(rest >> 7)]
        let message = [8, 1] + field + Array(repeating: 0, count: rest)
        let bytes = GRPCHealthAnswerTests.framed(message)
        #expect(bytes.count == GRPCHealthAnswer.limit + excess)
        for size in [1000, 100_000] {
            #expect(judge(bytes, size: size).isPassed == (excess <= 0))
        }
    }
}

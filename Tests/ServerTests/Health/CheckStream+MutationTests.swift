import Bytes
import Config
import TestSupport
import Testing

@testable import Server

/// Answers to checks that a generator has damaged: nothing traps, and the way in which they arrive
/// never changes the verdict.
struct CheckStreamMutationTests {
    private static let grpcHead: [(String, String)] = [
        (":status", "200"), ("content-type", "application/grpc"),
    ]

    /// What a server sends, in frames.
    private static let answers: [[[UInt8]]] = [
        [
            Frame.settings([(3, 100)]), Frame.settingsAck, Frame.ping(),
            Frame.headers(1, [(":status", "103")], end: false),
            Frame.headers(1, [(":status", "200"), ("server", "x")], end: false),
            Frame.data(1, "all is", end: false, padding: 3), Frame.data(1, "", end: false),
            Frame.data(1, " well"),
        ],
        [
            Frame.settings(), Frame.headers(1, grpcHead, end: false),
            Frame.bytes(0, stream: 1, [0, 0, 0, 0, 6, 0x12, 2, 1, 1, 8, 1]),
            Frame.windowUpdate(0, 1000), Frame.headers(1, [("grpc-status", "0")]),
        ],
        [Frame.settings(), Frame.headers(1, grpcHead + [("grpc-status", "12")])],
        [
            Frame.settings(), Frame.bytes(7, Frame.number(1) + Frame.number(0)),
            Frame.headers(1, [(":status", "503")], end: false), Frame.reset(1, 8),
        ],
    ]

    private static func mutate(_ frames: [[UInt8]], _ generator: inout SeededGenerator) -> [UInt8] {
        var frames = frames
        for _ in 0..<Int.random(in: 0...3, using: &generator) {
            let index = Int.random(in: 0..<frames.count, using: &generator)
            let place = Int.random(in: 0..<frames[index].count, using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: frames.swapAt(0, index)
            case 1: frames.insert(frames[index], at: index)
            case 2: frames[index].removeLast(min(3, frames[index].count - 1))
            default: frames[index][place] = UInt8.random(in: 0...255, using: &generator)
            }
        }
        return Array(frames.joined())
    }

    /// The verdict on what comes in pieces that end here.
    private static func verdict(_ bytes: [UInt8], ends: [Int], kind: HealthConfig.Kind)
        throws -> CheckVerdict?
    {
        var check = HealthConfig()
        check.kind = kind
        if kind != .grpc { check.body = "is well" }
        let stream = try CheckStream(check, host: "shop.example", isTLS: false)
        var input = ByteQueue()
        var output = ByteQueue()
        stream.write(to: &output)
        var start = 0
        for end in ends {
            input.append(bytes[start..<end].span)
            if let verdict = stream.take(&input, isEnd: false) { return verdict }
            stream.write(to: &output)
            start = end
        }
        return stream.take(&input, isEnd: true)
    }

    @Test("Damaged answers have the same verdict however they come", arguments: [1, 2, 3, 4])
    func mutants(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var passed = 0
        for round in 0..<1000 {
            let answers = CheckStreamMutationTests.answers
            let bytes = CheckStreamMutationTests.mutate(answers[round % 4], &generator)
            let kind: HealthConfig.Kind = round % 4 == 1 || round % 4 == 2 ? .grpc : .http
            let cut = Int.random(in: 0...bytes.count, using: &generator)
            let whole = try CheckStreamMutationTests.verdict(
                bytes, ends: [bytes.count], kind: kind)
            #expect(whole != nil)
            if whole?.isPassed == true { passed += 1 }
            for ends in [[cut, bytes.count], Array(0...bytes.count)] {
                let parts = try CheckStreamMutationTests.verdict(bytes, ends: ends, kind: kind)
                #expect(parts == whole, "seed \(seed), round \(round), cut at \(cut): \(bytes)")
            }
        }
        #expect(passed > 100)
    }
}

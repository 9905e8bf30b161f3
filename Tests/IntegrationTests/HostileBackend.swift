import Foundation
import TestSupport
import Testing

/// What a hostile backend answers, and what its client may get.
struct HostileAnswer: Sendable, CustomTestStringConvertible {
    /// What a client gets.
    enum Outcome: Equatable, Sendable {
        /// 502 from us.
        case refused
        /// 504 from us.
        case timedOut
        /// The begin of the response, and an end that cannot look like one.
        case truncated
        /// One of the two above: a reset may take with it what came before.
        case refusedOrTruncated
        /// A whole response with this body.
        case passed(Int, String)
    }

    /// How the backend ends.
    enum End: Sendable {
        case stays, closes, resets
    }

    let name: String
    let sent: String
    let end: End
    let outcome: Outcome
    let method: String
    /// True exactly when a deadline has to end it.
    let isSilent: Bool

    var testDescription: String { name }

    init(
        _ name: String, _ sent: String, _ end: End = .stays, _ outcome: Outcome = .refused,
        method: String = "POST", isSilent: Bool = false
    ) {
        self.name = name
        self.sent = sent
        self.end = end
        self.outcome = outcome
        self.method = method
        self.isSilent = isSilent || outcome == .timedOut
    }

    /// A response of 200 with these fields.
    static func fields(
        _ name: String, _ fields: String, body: String = "", _ outcome: Outcome = .refused,
        isSilent: Bool = false
    ) -> HostileAnswer {
        HostileAnswer(
            name, "HTTP/1.1 200 OK\r\n\(fields)\r\n\r\n\(body)", .stays, outcome,
            isSilent: isSilent)
    }

    /// A response of 200 in chunks.
    static func chunks(
        _ name: String, _ body: String, _ outcome: Outcome = .truncated, isSilent: Bool = false
    ) -> HostileAnswer {
        .fields(name, "Transfer-Encoding: chunked", body: body, outcome, isSilent: isSilent)
    }
}

/// Answers run through one instance, for clients of both versions.
final class HostileBackend: @unchecked Sendable {
    private let cases: [HostileAnswer]
    private let lock = NSLock()
    private var reused: [String] = []
    private var origin: Origin?

    init(_ cases: [HostileAnswer]) throws {
        self.cases = cases
        origin = try Origin { [weak self] connection in self?.serve(connection) }
    }

    /// Answers by the target's number, and takes note of a request behind a hostile answer.
    private func serve(_ connection: OriginConnection) {
        while let head = connection.readHead() {
            guard let number = head.firstMatch(of: #/^\S+ /case-(\d+) /#).flatMap({ Int($0.1) })
            else {
                let path = head.split(separator: " ")[1]
                connection.send(
                    "HTTP/1.1 200 OK\r\nContent-Length: \(path.utf8.count)\r\n\r\n\(path)")
                continue
            }
            let hostile = cases[number]
            connection.send(Frame.latin(hostile.sent))
            switch hostile.end {
            case .stays: break
            case .closes: connection.finish()
            case .resets:
                connection.resetAtEnd()
                return
            }
            guard let later = connection.readHead() else { return }
            lock.withLock { reused.append("\(hostile.name): \(later)") }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
        }
    }

    /// Runs all cases, and after each a good request of another client.
    func run() throws {
        // On a busy machine an answer may take longer than the second after which silence ends.
        let (brief, patient) = (try start("1s"), try start("30s"))
        for (number, hostile) in cases.enumerated() {
            let martlet = hostile.isSilent ? brief : patient
            do {
                try runHTTP1(hostile, number, martlet)
                try runHTTP2(hostile, number, martlet)
            } catch {
                Issue.record("\(number) \(hostile.name): \(error)")
            }
        }
        #expect(lock.withLock { reused }.isEmpty, "\(lock.withLock { reused })")
    }

    private func start(_ patience: String) throws -> MartletInstance {
        let address = try #require(origin?.address)
        return try MartletInstance(
            sites: MartletInstance.site(address),
            more: """
                workers: 1
                timeouts:
                  upstream_first_byte: \(patience)
                  upstream_between_bytes: \(patience)
                """)
    }

    private func runHTTP1(
        _ hostile: HostileAnswer, _ number: Int, _ martlet: MartletInstance
    ) throws {
        let label = "\(number) \(hostile.name)"
        let peer = try martlet.connect()
        try peer.send(
            "\(hostile.method) /case-\(number) HTTP/1.1\r\nHost: localhost\r\n"
                + (hostile.outcome == .refusedOrTruncated ? "Connection: close\r\n" : "")
                + (hostile.method == "POST" ? "Content-Length: 0\r\n" : "") + "\r\n")
        switch hostile.outcome {
        case .truncated: try expectCut(peer, label)
        case .refusedOrTruncated:
            let text = try peer.receiveAll()
            #expect(!text.hasPrefix("HTTP/1.1 200") || !peer.isCleanlyClosed, "\(label): \(text)")
        case .refused, .timedOut, .passed:
            var reply = try peer.reply(to: hostile.method)
            while reply.status < 200 { reply = try peer.reply(to: hostile.method) }
            let (status, body) = HostileBackend.wanted(hostile.outcome)
            #expect(reply.status == status, "\(label): \(reply)")
            if let body { #expect(reply.body == body, "\(label): \(reply)") }
        }
        let path = "/good1-\(number)"
        let good = try martlet.request(path)
        #expect(good.status == 200 && good.body == path, "\(label): \(good)")
    }

    /// No last chunk, no `close_notify`, no FIN.
    private func expectCut(_ peer: Peer, _ label: String) throws {
        let text = try peer.receiveAll()
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"), "\(label): \(text.prefix(300))")
        #expect(!text.hasSuffix("0\r\n\r\n"), "\(label): \(text.suffix(300))")
        #expect(!peer.isCleanlyClosed, "\(label)")
    }

    private func runHTTP2(
        _ hostile: HostileAnswer, _ number: Int, _ martlet: MartletInstance
    ) throws {
        let label = "\(number) \(hostile.name), HTTP/2"
        let client = try StreamPeer(martlet)
        try client.send(
            Frame.headers(
                1,
                [
                    (":method", hostile.method), (":scheme", "https"), (":authority", "localhost"),
                    (":path", "/case-\(number)"),
                ]))
        let stream = try client.stream(1)
        switch hostile.outcome {
        case .truncated:
            #expect(stream.status == 200 && stream.reset == 2, "\(label): \(stream)")
            #expect(!stream.isComplete, "\(label): \(stream)")
        case .refusedOrTruncated:
            #expect(stream.status == 502 || stream.reset == 2, "\(label): \(stream)")
        case .refused, .timedOut, .passed:
            let (status, body) = HostileBackend.wanted(hostile.outcome)
            #expect(stream.status == status && stream.isComplete, "\(label): \(stream)")
            let text = String(decoding: stream.body, as: UTF8.self)
            if let body { #expect(text == body, "\(label): \(stream)") }
        }
        let path = "/good2-\(number)"
        let good = try client.get(path, on: 3)
        #expect(good.status == 200 && good.body == Array(path.utf8), "\(label): \(good)")
        try client.peer.finish()
    }

    private static func wanted(_ outcome: HostileAnswer.Outcome) -> (status: Int, body: String?) {
        switch outcome {
        case .timedOut: (504, nil)
        case .passed(let status, let body): (status, body)
        case .refused, .truncated, .refusedOrTruncated: (502, nil)
        }
    }
}

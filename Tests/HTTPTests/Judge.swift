import TestSupport

/// What h11, another strict implementation of HTTP/1.1, makes of messages.
enum Judge {
    /// What somebody makes of one message.
    enum Verdict: Equatable {
        /// The first line's words, the fields, the body, the trailers, and how many bytes follow.
        case accepted(
            words: [String], fields: [String], body: String, trailers: [String], rest: Int)
        case unfinished
        case refused(String)

        var isAccepted: Bool { if case .accepted = self { true } else { false } }
    }

    /// Debian's Python, which has Debian's packages, whatever stands first in `PATH`.
    private static let python = "/usr/bin/python3"

    /// True exactly when the package `h11` is there.
    static let isThere = (try? RunningProcess.run(python, ["-c", "import h11"]))?.code == 0

    /// Judges all messages in one process; each comes as hexadecimal digits in a line.
    static func verdicts(on messages: [[UInt8]], role: String) throws -> [Verdict] {
        let input = messages.map { hexadecimal($0) + "\n" }.joined()
        let result = try RunningProcess.run(
            python, ["-c", script, role], input: input, atMost: 300)
        guard result.code == 0 else { throw TestFailure(result.errors) }
        return result.output.split(separator: "\n").map { verdict(String($0)) }
    }

    /// The bytes in digits that both languages write the same way.
    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    private static func verdict(_ line: String) -> Verdict {
        let parts = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        switch parts[0] {
        case "unfinished": return .unfinished
        case "refused": return .refused(parts[1])
        default:
            let lists = parts.map { $0.split(separator: " ").map(String.init) }
            return .accepted(
                words: lists[1], fields: lists[2], body: parts[3], trailers: lists[4],
                rest: Int(parts[5]) ?? -1)
        }
    }

    private static let script = """
        import sys, h11
        role = sys.argv[1]
        def text(headers):
            pairs = headers.raw_items()
            return " ".join(bytes(n).hex() + ":" + value(n, v).hex() for n, v in pairs)
        def value(name, value):
            # Zeros before a length are nothing, and Martlet writes none.
            if bytes(name).lower() == b"content-length":
                return bytes(value).lstrip(b"0") or b"0"
            return bytes(value)
        def judge(message):
            ours = h11.SERVER if role == "requests" else h11.CLIENT
            peer = h11.Connection(ours, max_incomplete_event_size=1 << 20)
            if role != "requests":
                request = h11.Request(method="GET", target="/", headers=[("Host", "a")])
                peer.send(request)
                peer.send(h11.EndOfMessage())
            peer.receive_data(message)
            if role != "requests":
                peer.receive_data(b"")
            head, body = None, b""
            while True:
                event = peer.next_event()
                if event is h11.NEED_DATA or event is h11.PAUSED:
                    return "unfinished"
                if type(event) in (h11.Request, h11.Response, h11.InformationalResponse):
                    if type(event) is h11.Request:
                        words = [event.method, event.target, event.http_version]
                    else:
                        words = [b"%d" % event.status_code, event.reason, event.http_version]
                    head = "%s|%s" % (" ".join("x" + bytes(w).hex() for w in words),
                                      text(event.headers))
                    if type(event) is h11.InformationalResponse:
                        return "accepted|%s|||-1" % head
                elif type(event) is h11.Data:
                    body += event.data
                elif type(event) is h11.EndOfMessage:
                    rest = len(peer.trailing_data[0])
                    return "accepted|%s|%s|%s|%d" % (head, body.hex(), text(event.headers), rest)
                else:
                    return "unfinished"
        for line in sys.stdin:
            try:
                print(judge(bytes.fromhex(line.strip())))
            except h11.ProtocolError as error:
                print("refused|" + repr(str(error)).replace("|", " "))
        """
}

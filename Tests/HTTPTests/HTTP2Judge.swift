import Bytes
import TestSupport

@testable import HTTP

/// What two implementations make of a connection of HTTP/2.
enum HTTP2Judge {
    /// What was told before anything was found wrong, and what that was.
    struct Verdict: Equatable {
        /// What was told of each part that was fine.
        var told: [[String]] = []
        /// Why nothing more was looked at; nil where all was fine.
        var objection: String?
    }

    /// Debian's Python, which has Debian's packages, whatever stands first in `PATH`.
    private static let python = "/usr/bin/python3"

    /// True exactly when the package `h2` is there.
    static let isThere = (try? RunningProcess.run(python, ["-c", "import h2"]))?.code == 0

    /// What h2 makes of all connections, in one process; each comes in a line, its parts as
    /// hexadecimal digits.
    static func theirs(_ connections: [[[UInt8]]]) throws -> [Verdict] {
        let input = connections.map { parts in
            parts.map(Judge.hexadecimal).joined(separator: " ") + "\n"
        }
        let result = try RunningProcess.run(
            python, ["-c", script], input: input.joined(), atMost: 300)
        guard result.code == 0 else { throw TestFailure(result.errors) }
        return result.output.split(separator: "\n").map { line in
            var verdict = Verdict()
            for part in line.split(separator: "|", omittingEmptySubsequences: false) {
                if part.hasPrefix("!") {
                    verdict.objection = String(part.dropFirst())
                } else {
                    verdict.told.append(part.split(separator: ";").map(String.init))
                }
            }
            return verdict
        }
    }

    /// What Martlet makes of a connection.
    static func ours(_ parts: [[UInt8]]) throws -> Verdict {
        let session = try HTTP2Session(role: .server, milliseconds: 0)
        var verdict = Verdict()
        var queue = ByteQueue()
        session.write(to: &queue, upTo: 1 << 20, from: Silence())
        for part in parts {
            queue.removeAll()
            session.receive(part.span, milliseconds: 0)
            var refusal: String?
            let lines = pull(session, part, &refusal)
            session.write(to: &queue, upTo: 1 << 20, from: Silence())
            let sent = WireFrame.read([UInt8](copying: queue.bytes))
            if let fault = session.fault {
                verdict.objection = "\(fault.label), frame type \(part[3])"
            } else if let refusal {
                verdict.objection = refusal
            } else if let reset = sent.first(where: { $0.type == 3 }) {
                let label = session.reader.fault.map { "\($0.label)" }
                verdict.objection = label ?? "\(reset)"
            } else {
                verdict.told.append(lines)
                continue
            }
            break
        }
        return verdict
    }

    private static func pull(
        _ session: HTTP2Session, _ part: [UInt8], _ refusal: inout String?
    ) -> [String] {
        var lines: [String] = []
        while let event = session.nextEvent() {
            switch event {
            case .request(let stream, let endsStream):
                var head = RequestHead()
                session.takeRequest(into: &head)
                lines.append(
                    "request \(stream) x\(digits(head.methodBytes)) x\(digits(head.target)) "
                        + "x\(digits(head.authority))\(fields(head.fields))")
                if endsStream { lines.append("end \(stream)") }
            case .data(let stream, _, let range):
                lines.append("data \(stream) \(Judge.hexadecimal(part[range]))")
            case .end(let stream, _, let hasTrailers):
                var block = FieldBlock()
                if hasTrailers {
                    session.takeTrailers(into: &block)
                    lines.append("trailers \(stream)\(fields(block))")
                }
                lines.append("end \(stream)")
            case .reset(let stream, _, let code, let byPeer):
                if byPeer { lines.append("reset \(stream) \(code.rawValue)") }
            case .refused(_, let fault): refusal = "\(fault.label)"
            case .goAway(let last, let code): lines.append("goaway \(last) \(code.rawValue)")
            case .settings, .response: break
            }
        }
        return lines
    }

    private static func digits(_ bytes: Span<UInt8>) -> String {
        Judge.hexadecimal([UInt8](copying: bytes))
    }

    private static func fields(_ block: borrowing FieldBlock) -> String {
        var text = ""
        for index in 0..<block.count {
            text += " \(digits(block.name(index))):\(digits(block.value(index)))"
        }
        return text
    }

    /// A source of nothing: nothing is answered.
    private final class Silence: HTTP2BodySource {
        func nextPiece(of stream: Int32, token: Int, limit: Int) -> HTTP2Piece { .later }

        func writePiece(of stream: Int32, token: Int, count: Int, to output: inout ByteQueue) {}
    }

    private static let script = """
        import sys
        from h2.config import H2Configuration
        from h2.connection import H2Connection
        from h2.exceptions import ProtocolError
        import h2.events as ev
        def joined(headers):
            # The parts of a cookie are one field, at the place of the first (RFC 9113 §8.2.3); the
            # zeros before a length are nothing, and Martlet writes none.
            fields, cookie = [], None
            for name, value in headers:
                if name[:1] == b":":
                    continue
                if name == b"content-length":
                    value = value.lstrip(b"0") or b"0"
                if name == b"cookie":
                    if cookie is None:
                        cookie = [name, []]
                        fields.append(cookie)
                    if value:
                        cookie[1].append(value)
                else:
                    fields.append([name, value])
            if cookie:
                cookie[1] = b"; ".join(cookie[1])
            return "".join(" %s:%s" % (n.hex(), v.hex()) for n, v in fields)
        def text(event):
            if isinstance(event, ev.RequestReceived):
                known = dict(reversed(event.headers))
                words = [known[b":method"], known[b":path"],
                         known.get(b":authority", known.get(b"host"))]
                words = " ".join("x" + word.hex() for word in words)
                return "request %d %s%s" % (event.stream_id, words, joined(event.headers))
            if isinstance(event, ev.TrailersReceived):
                return "trailers %d%s" % (event.stream_id, joined(event.headers))
            if isinstance(event, ev.DataReceived) and event.data:
                return "data %d %s" % (event.stream_id, event.data.hex())
            if isinstance(event, ev.StreamEnded):
                return "end %d" % event.stream_id
            if isinstance(event, ev.StreamReset):
                code = int(event.error_code)
                return "reset %d %d" % (event.stream_id, code if code < 14 else 2)
            if isinstance(event, ev.ConnectionTerminated):
                return "goaway %d %d" % (event.last_stream_id, event.error_code)
            return None
        def resets(out):
            while len(out) >= 9:
                if out[3] == 3:
                    return True
                out = out[9 + int.from_bytes(out[:3], "big"):]
            return False
        def judge(parts):
            config = H2Configuration(client_side=False, header_encoding=None,
                                     normalize_inbound_headers=False)
            peer = H2Connection(config=config)
            peer.initiate_connection()
            told = []
            for part in parts:
                peer.clear_outbound_data_buffer()
                try:
                    events = peer.receive_data(part)
                except ProtocolError as error:
                    return told + ["!%s: %s" % (type(error).__name__, error)]
                except Exception as error:
                    return told + ["!crash %s: %s" % (type(error).__name__, error)]
                if resets(peer.data_to_send()):
                    return told + ["!reset"]
                told.append(";".join(filter(None, map(text, events))))
            return told
        for line in sys.stdin:
            parts = [bytes.fromhex(part) for part in line.split()]
            lines = judge(parts)
            print("|".join(ascii(part)[1:-1].replace("|", " ") for part in lines))
        """
}

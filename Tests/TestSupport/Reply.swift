import Bytes

/// A response as a client reads it.
public struct Reply: Sendable {
    /// The status code.
    public let status: Int
    /// The status line.
    public let line: String
    /// Names in lower case, and values.
    public let fields: [(name: String, value: String)]
    /// The body, without chunked framing.
    public let body: String
    /// The fields behind the last chunk.
    public let trailers: [String]

    /// The first field of a name, or nil.
    public func field(_ name: String) -> String? {
        fields.first { $0.name == name.lowercased() }?.value
    }
}

extension Peer {
    /// Reads one response.
    ///
    /// - Parameter method: of the request, since HEAD has no body.
    public func reply(to method: String = "GET") throws -> Reply {
        let head = try until("\r\n\r\n")
        let lines = head.split(separator: "\r\n").map(String.init)
        let line = lines.first ?? ""
        let fields = lines.dropFirst().map { text in
            let colon = text.firstIndex(of: ":") ?? text.endIndex
            return (
                name: text[..<colon].lowercased(),
                value: String(text[colon...].dropFirst().drop { $0 == " " })
            )
        }
        let status = Int(line.split(separator: " ").dropFirst().first ?? "") ?? 0
        let framing = fields.first { ["content-length", "transfer-encoding"].contains($0.name) }
        var body = ""
        var trailers: [String] = []
        if method == "HEAD" || status == 204 || status == 304 || status < 200 {
            body = ""
        } else if framing?.name == "content-length" {
            body = try exactly(Int(framing?.value ?? "") ?? 0)
        } else if framing != nil {
            (body, trailers) = try chunks()
        } else {
            body = try receiveAll()
            dropReceived()
        }
        return Reply(status: status, line: line, fields: fields, body: body, trailers: trailers)
    }

    /// Reads up to and with `end`.
    public func until(_ end: String) throws -> String {
        var checked = 0
        while true {
            let text = received
            if let range = text.utf8.firstRange(of: Array(end.utf8)) {
                let count = text.utf8.distance(from: text.startIndex, to: range.upperBound)
                return String(decoding: take(count), as: UTF8.self)
            }
            checked = text.utf8.count
            guard try receive() else {
                throw TestFailure(
                    "the stream ended after \(checked) bytes: '\(text.prefix(2_000))'")
            }
        }
    }

    /// Reads so many bytes.
    public func exactly(_ count: Int) throws -> String {
        while receivedCount < count {
            guard try receive() else {
                throw TestFailure("the stream ended after \(receivedCount) of \(count) bytes")
            }
        }
        return String(decoding: take(count), as: UTF8.self)
    }

    private func chunks() throws -> (body: String, trailers: [String]) {
        var body = ""
        while true {
            let line = try until("\r\n")
            guard let size = Int(line.dropLast(1), radix: 16) else {
                throw TestFailure("'\(line)' is no chunk size")
            }
            if size == 0 { break }
            body += try exactly(size)
            guard try exactly(2) == "\r\n" else { throw TestFailure("no end of a chunk") }
        }
        var trailers: [String] = []
        while true {
            let line = String(try until("\r\n").dropLast(1))
            if line.isEmpty { return (body, trailers) }
            trailers.append(line)
        }
    }
}

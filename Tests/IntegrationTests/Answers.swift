import TestSupport

/// A backend that answers by the path.
enum Answers {
    /// Starts it.
    static func origin() throws -> Origin {
        try Origin { connection in
            while let head = connection.readHead() {
                guard answer(head, connection) else { return }
            }
        }
    }

    /// Answers one request; false where the connection has ended.
    private static func answer(_ head: String, _ connection: OriginConnection) -> Bool {
        let path = head.split(separator: " ").dropFirst().first.map(String.init) ?? ""
        if let text = fixed[path] {
            return connection.send(head.hasPrefix("HEAD ") ? upToBody(text) : text)
        }
        switch path {
        case "/echo":
            let text = head + body(head, connection)
            return connection.send(
                "HTTP/1.1 200 OK\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)")
        case "/continue":
            connection.send("HTTP/1.1 100 Continue\r\n\r\n")
            return connection.send(
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + body(head, connection))
        case "/endless":
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunk = "2710\r\n" + String(repeating: "x", count: 10_000) + "\r\n"
            while connection.send(chunk) {}
        case "/silent":
            _ = connection.readToEnd()
        default:
            guard let text = ending[path] else { return connection.send(fixed["/nowhere"] ?? "") }
            connection.send(text)
            connection.finish()
            _ = connection.readToEnd()
        }
        return false
    }

    private static func body(_ head: String, _ connection: OriginConnection) -> String {
        let fields = head.lowercased()
        if let length = fields.firstMatch(of: /content-length: (\d+)/), let count = Int(length.1) {
            return connection.read(count)
        }
        guard fields.contains("transfer-encoding: chunked") else { return "" }
        var text = ""
        while true {
            let line = connection.read(until: "\r\n")
            text += line
            // The last chunk, and its trailers up to the empty line.
            if line.hasPrefix("0") { break }
            guard let size = Int(line.dropLast(1), radix: 16) else { return text }
            text += connection.read(size + 2)
        }
        while true {
            let line = connection.read(until: "\r\n")
            text += line
            if line.count <= 1 { return text }
        }
    }

    private static func upToBody(_ text: String) -> String {
        guard let range = text.utf8.firstRange(of: Array("\r\n\r\n".utf8)) else { return text }
        return String(text[..<range.upperBound])
    }

    /// Answers after which the connection goes on.
    private static let fixed = [
        "/length": "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "/nowhere": "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone",
        "/status/204": "HTTP/1.1 204 No Content\r\n\r\n",
        "/status/304": "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
        "/redirect": "HTTP/1.1 301 Moved\r\nLocation: /length\r\nContent-Length: 0\r\n\r\n",
        "/fields": """
        HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Hop\r\nKeep-Alive: timeout=5\r\nX-Hop: 1\r
        Proxy-Connection: keep-alive\r\nX-KEPT: Yes\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r
        Content-Length: 0\r\n\r\n
        """,
        "/trailers": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "2\r\nhe\r\n3\r\nllo\r\n0\r\nX-Sum: 42\r\n\r\n",
        "/hints": "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
            + "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    ]

    /// Answers at whose end the connection ends.
    private static let ending = [
        "/early": "HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\nnever",
        "/early-empty": "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
        "/cut/length": "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        "/cut/chunked": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        "/close": "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
        "/until-close": "HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 100_000),
    ]
}

import TestSupport

/// Makes messages, most of them with something wrong, always the same ones from the same seed.
struct MessageMaker {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// A request with its body, and perhaps the begin of what follows.
    mutating func request() -> [UInt8] {
        let version = pick(
            ["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0"], odd: MessageMaker.versions)
        let method = pick(
            ["GET", "POST", "PUT", "HEAD", "DELETE", "x-y"], odd: ["CONNECT", "G(T", ""])
        let target = pick(
            ["/", "/a?b=c", "http://b.example/x", "/%41/..", "//a"], odd: MessageMaker.targets)
        let space = pick([" "], odd: ["  ", "\t", ""])
        let host = pick(["Host: a", "host: b.example:80", "Host:[::1]"], odd: MessageMaker.hosts)
        let (fields, body) = framedBody()
        let lines = ["\(method)\(space)\(target) \(version)", host] + fields
        return finish(lines, body)
    }

    /// A response with its body.
    mutating func response() -> [UInt8] {
        let version = pick(["HTTP/1.1", "HTTP/1.1", "HTTP/1.0"], odd: MessageMaker.versions)
        let status = pick(
            ["200 OK", "404 Not  Found", "500 ", "304 X", "204 X", "103 Early"],
            odd: ["200", "20 OK", "600 X", "2000 X", "099 X", "200\tOK", "200 a\u{1}", "1x0 X"])
        let (fields, body) = framedBody()
        return finish(["\(version) \(status)"] + fields, body)
    }

    private mutating func finish(_ lines: [String], _ body: String) -> [UInt8] {
        var text = pick([""], odd: ["\r\n", "\n", " "])
        for line in lines { text += line + pick(["\r\n"], odd: ["\n", "\r", "\r\r\n", "\r\n "]) }
        var bytes = Array((text + "\r\n" + body).utf8)
        if Int.random(in: 0..<5, using: &generator) == 0, !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &generator)
            bytes[index] = UInt8.random(in: 0...255, using: &generator)
        }
        return bytes
    }

    /// Fields that frame a body, and some that do not, with a body that may fit.
    private mutating func framedBody() -> ([String], String) {
        var fields: [String] = []
        for _ in 0..<Int.random(in: 0...2, using: &generator) {
            fields.append(
                pick(
                    [
                        "X: 1", "Accept: */*", "x-a:\t a b \t", "X-Empty:", "X_Y: ä",
                        "Connection: x",
                    ],
                    odd: MessageMaker.fields))
        }
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: break
        case 1:
            let length = pick(
                ["3", "0", "03"], odd: ["+3", "3,3", "0x3", "", "3 3", "99999999999999999999"])
            fields.append("Content-Length: \(length)")
            return (fields, length.hasSuffix("3") ? "abc" : "")
        default:
            let name = pick(
                ["Transfer-Encoding", "transfer-encoding"], odd: ["Transfer-Encoding "])
            let coding = pick(
                ["chunked", "Chunked"], odd: ["gzip, chunked", "chunked, chunked", "x", ""])
            fields.append("\(name): \(coding)")
            if isOdd() { fields.append("Content-Length: 3") }
            return (fields, chunks())
        }
        return (fields, "")
    }

    private mutating func chunks() -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...3, using: &generator) {
            let size = pick(
                ["3", "03", "0003"], odd: ["4", "2", "3 ", " 3", "+3", "0x3", "G", ""])
            let added = pick(
                ["", "", ";a", ";a=b;c=\"d\""], odd: [";", ";a b", "; a = b", ";\"", " ;a"])
            let lineEnd = pick(["\r\n"], odd: ["\n", "\r", "\r\r\n"])
            text += size + added + lineEnd + "abc" + pick(["\r\n"], odd: ["\n", "", "\rx"])
        }
        text += pick(["0\r\n", "00\r\n"], odd: ["0\n", "", "0;\r\n"])
        text += pick(
            ["", "", "A: b\r\nC:d\r\n"], odd: ["A : b\r\n", "Host: a\r\n", "A: b\n", " a\r\n"])
        return text + pick(["\r\n"], odd: ["\n", "", "\r\nGET / HTTP/1.1\r\n"])
    }

    private mutating func isOdd() -> Bool { Int.random(in: 0..<24, using: &generator) == 0 }

    private mutating func pick(_ usual: [String], odd: [String]) -> String {
        (isOdd() ? odd : usual).randomElement(using: &generator) ?? ""
    }

    private static let versions = ["HTTP/2.0", "HTTP/0.9", "http/1.1", "HTTP/1.2", "HTTP/1.10", ""]
    private static let targets = [
        "*", "a", "/a#b", "/a\tb", "/ä", "http://u@b/", "http:///x", "ftp://b/", "", "/a\0",
    ]
    private static let hosts = [
        "X: y", "Host: a\r\nHost: a", "Host:", "Host: u@a", "Host: a b", "Host : a",
        "Host: a:99999",
    ]
    private static let fields = [
        "X : 1", ": a", "X", "X: a\0", "X: a\u{1}", "X: a\u{b}", "X: \u{7f}", "X: a\r\n b", " X: 1",
        "X(Y): 1", "Connection: a b", "Expect: x", "X: a\rb", "Ä: a", "Upgrade: a b",
        "Connection: upgrade\r\nUpgrade: a b",
    ]
}

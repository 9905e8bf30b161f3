/// A request of HTTP/1.1 as the strictest of backends reads it: whatever has two readings has none.
public struct StrictRequest: Sendable {
    /// What stands at the begin of some bytes.
    public enum Outcome: Sendable {
        /// A whole request, and how many bytes it takes.
        case complete(StrictRequest, count: Int)
        /// The begin of one.
        case incomplete
        /// What is wrong.
        case malformed(String)
    }

    /// The method.
    public var method = ""
    /// The target as it was sent.
    public var target = ""
    /// Names in lower case, and values.
    public var fields: [(name: String, value: String)] = []
    /// The body without its framing.
    public var body: [UInt8] = []
    /// The fields behind the last chunk.
    public var trailers: [(name: String, value: String)] = []
    /// The request as it came.
    public var text = ""

    /// The values of all fields of this name.
    public func values(_ name: String) -> [String] {
        fields.filter { $0.name == name }.map(\.value)
    }

    /// Reads what stands at the begin of `bytes`.
    public static func read(_ bytes: ArraySlice<UInt8>) -> Outcome {
        guard !bytes.isEmpty else { return .incomplete }
        var reader = StrictReader(rest: bytes)
        do throws(StrictReader.Stop) {
            var request = try reader.head()
            request.body = try reader.body(&request)
            let count = bytes.count - reader.rest.count
            request.text = StrictReader.text(bytes.prefix(count))
            return .complete(request, count: count)
        } catch {
            switch error {
            case .incomplete: return .incomplete
            case .malformed(let what): return .malformed(what)
            }
        }
    }
}

/// Takes a request apart from its front.
private struct StrictReader {
    enum Stop: Error {
        case incomplete
        case malformed(String)
    }

    var rest: ArraySlice<UInt8>

    /// Each byte is one character.
    static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }

    private static let token = Set(
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)

    mutating func line() throws(Stop) -> ArraySlice<UInt8> {
        guard let end = rest.firstIndex(of: 10) else {
            guard rest.dropLast().allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 9 }) else {
                throw .malformed("a control character in '\(StrictReader.text(rest))'")
            }
            throw .incomplete
        }
        let line = rest[rest.startIndex..<end]
        rest = rest[(end + 1)...]
        guard line.last == 13 else { throw .malformed("a bare LF") }
        let content = line.dropLast()
        guard content.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 9 }) else {
            throw .malformed("a control character in '\(StrictReader.text(content))'")
        }
        return content
    }

    mutating func head() throws(Stop) -> StrictRequest {
        var request = StrictRequest()
        let first = try line()
        let parts = first.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, parts[0].allSatisfy(StrictReader.token.contains),
            let begin = parts[1].first, parts[1].allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != 35 }),
            begin == 0x2f || parts[1].elementsEqual("*".utf8),
            parts[2].elementsEqual("HTTP/1.1".utf8)
        else { throw .malformed("the request line '\(StrictReader.text(first))'") }
        request.method = StrictReader.text(parts[0])
        request.target = StrictReader.text(parts[1])
        request.fields = try fieldLines()
        guard request.values("host").count == 1, request.values("host") != [""] else {
            throw .malformed("Host of '\(request.target)': \(request.values("host"))")
        }
        return request
    }

    private mutating func fieldLines() throws(Stop) -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        while true {
            let line = try line()
            if line.isEmpty { return fields }
            guard let colon = line.firstIndex(of: 0x3a), colon > line.startIndex,
                line[line.startIndex..<colon].allSatisfy(StrictReader.token.contains),
                line.dropFirst(colon + 1 - line.startIndex).first == 0x20
            else { throw .malformed("the field '\(StrictReader.text(line))'") }
            fields.append(
                (
                    StrictReader.text(line[line.startIndex..<colon]).lowercased(),
                    StrictReader.text(line[(colon + 2)...])
                ))
        }
    }

    mutating func body(_ request: inout StrictRequest) throws(Stop) -> [UInt8] {
        let lengths = request.values("content-length")
        let codings = request.values("transfer-encoding")
        if !codings.isEmpty {
            guard codings == ["chunked"], lengths.isEmpty else {
                throw .malformed("the framing \(lengths) \(codings)")
            }
            let body = try chunks()
            request.trailers = try fieldLines()
            return body
        }
        guard let length = lengths.first else { return [] }
        guard lengths.count == 1, let count = Int(length), String(count) == length, count >= 0
        else { throw .malformed("the lengths \(lengths)") }
        return try take(count)
    }

    private mutating func take(_ count: Int) throws(Stop) -> [UInt8] {
        guard rest.count >= count else { throw .incomplete }
        let taken = Array(rest.prefix(count))
        rest = rest.dropFirst(count)
        return taken
    }

    private mutating func chunks() throws(Stop) -> [UInt8] {
        var body: [UInt8] = []
        while true {
            let size = StrictReader.text(try line())
            guard let count = Int(size, radix: 16), String(count, radix: 16) == size.lowercased()
            else { throw .malformed("the chunk size '\(size)'") }
            if count == 0 { return body }
            body += try take(count)
            guard try take(2) == [13, 10] else { throw .malformed("the end of a chunk") }
        }
    }
}

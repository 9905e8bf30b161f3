import Foundation

extension OCSPAuthority {
    /// The same response with its times moved by so many seconds, and signed again: what `openssl
    /// ocsp` does not make.
    public func moved(_ response: [UInt8], by seconds: Int) throws -> [UInt8] {
        // RFC 6960 §4.2.1: status, then [0], type and an OCTET STRING around the basic response.
        let outer = try DER.parts(of: try DER.content(response[...]))
        let bytes = try DER.parts(of: try DER.content(try DER.content(outer[1])[...]))
        let basic = try DER.parts(of: try DER.content(try DER.content(bytes[1])))
        let signed = OCSPAuthority.moveTimes(Array(basic[0]), by: seconds)
        let certificates = basic.count > 3 ? Array(basic[3]) : []
        let signature = try sign(signed)
        let body = DER.value(
            0x30, signed + Array(basic[1]) + DER.value(0x03, [0] + signature) + certificates)
        let typed = DER.value(0x30, Array(bytes[0]) + DER.value(0x04, body))
        return DER.value(0x30, Array(outer[0]) + DER.value(0xa0, typed))
    }

    private func sign(_ bytes: [UInt8]) throws -> [UInt8] {
        let name = UUID().uuidString
        let input = folder.path("\(name).tbs")
        let output = folder.path("\(name).sig")
        try Data(bytes).write(to: URL(fileURLWithPath: input))
        let run = try RunningProcess.run(
            "openssl",
            ["dgst", "-sha256", "-sign", folder.path("ca.key"), "-out", output, input])
        guard run.code == 0, let made = FileManager.default.contents(atPath: output) else {
            throw TestFailure("openssl dgst: \(run)")
        }
        return Array(made)
    }

    /// Moves each GeneralizedTime.
    private static func moveTimes(_ bytes: [UInt8], by seconds: Int) -> [UInt8] {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "UTC")
        formatter.dateFormat = "yyyyMMddHHmmss'Z'"
        var result = bytes
        for index in bytes.indices.dropLast(16)
        where bytes[index] == 0x18 && bytes[index + 1] == 15 {
            let range = (index + 2)..<(index + 17)
            let text = String(decoding: bytes[range], as: UTF8.self)
            guard let date = formatter.date(from: text) else { continue }
            let moved = formatter.string(from: date.addingTimeInterval(Double(seconds)))
            result.replaceSubrange(range, with: Array(moved.utf8))
        }
        return result
    }
}

/// As much of DER as an OCSP response needs.
private enum DER {
    /// Where the value in front ends, and where its content begins.
    private static func bounds(_ bytes: ArraySlice<UInt8>) throws -> (start: Int, end: Int) {
        guard bytes.count >= 2 else { throw TestFailure("DER ends early") }
        let first = bytes.startIndex
        let short = Int(bytes[first + 1])
        guard short >= 0x80 else { return (first + 2, first + 2 + short) }
        let octets = short & 0x7f
        guard octets <= 3, bytes.count >= 2 + octets else { throw TestFailure("DER: long") }
        let count = bytes[(first + 2)..<(first + 2 + octets)].reduce(0) { $0 << 8 | Int($1) }
        return (first + 2 + octets, first + 2 + octets + count)
    }

    /// The content of the value in front.
    static func content(_ bytes: ArraySlice<UInt8>) throws -> ArraySlice<UInt8> {
        let (start, end) = try bounds(bytes)
        guard end <= bytes.endIndex else { throw TestFailure("DER ends early") }
        return bytes[start..<end]
    }

    /// The values one behind the other, heads and all.
    static func parts(of bytes: ArraySlice<UInt8>) throws -> [ArraySlice<UInt8>] {
        var rest = bytes
        var found: [ArraySlice<UInt8>] = []
        while !rest.isEmpty {
            let end = try bounds(rest).end
            guard end <= rest.endIndex else { throw TestFailure("DER ends early") }
            found.append(rest[rest.startIndex..<end])
            rest = rest[end...]
        }
        return found
    }

    /// A value.
    static func value(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let count = content.count
        if count < 0x80 { return [tag, UInt8(count)] + content }
        if count < 0x100 { return [tag, 0x81, UInt8(count)] + content }
        return [tag, 0x82, UInt8(count >> 8), UInt8(count & 0xff)] + content
    }
}

internal import COpenSSL

/// One key that seals session tickets: a name by which it is found again, and two secrets.
public struct TicketKey: Sendable, Equatable {
    /// What stands in front of each ticket in the clear.
    let name: [UInt8]
    /// Authenticates the ticket (HMAC-SHA256).
    let authentication: [UInt8]
    /// Hides the ticket (AES-CBC, with 128 or 256 bits).
    let encryption: [UInt8]

    /// Makes a key of the system's random numbers.
    ///
    /// - Throws: `TLSError` where there are none.
    public init() throws(TLSError) {
        var bytes = [UInt8](repeating: 0, count: TicketKey.longCount)
        // SAFETY: owner: the array; bound: its count.
        let status = unsafe bytes.withUnsafeMutableBufferPointer {
            unsafe RAND_priv_bytes($0.baseAddress, Int32($0.count))
        }
        guard status == 1 else { throw ErrorQueue.takeError("make a ticket key") }
        self.init(long: bytes[...])
    }

    /// Takes a key of 80 bytes: name, HMAC key, AES-256 key.
    private init(long bytes: ArraySlice<UInt8>) {
        let start = bytes.startIndex
        name = Array(bytes[start..<(start + 16)])
        authentication = Array(bytes[(start + 16)..<(start + 48)])
        encryption = Array(bytes[(start + 48)..<(start + 80)])
    }

    /// Takes a key of 48 bytes: name, AES-128 key, HMAC key.
    private init(short bytes: ArraySlice<UInt8>) {
        let start = bytes.startIndex
        name = Array(bytes[start..<(start + 16)])
        encryption = Array(bytes[(start + 16)..<(start + 32)])
        authentication = Array(bytes[(start + 32)..<(start + 48)])
    }

    /// Reads keys as nginx and HAProxy lay them out: of 80 or 48 bytes each, one after another, or
    /// in base64, one a line. As many bytes as can be keys of either length are refused.
    ///
    /// - Throws: `TLSError` that says what is wrong with them.
    public static func parse(_ bytes: [UInt8]) throws(TLSError) -> [TicketKey] {
        if let lines = textLines(bytes) {
            var keys: [TicketKey] = []
            for line in lines { keys.append(try one(Base64.decode(line) ?? [])) }
            guard !keys.isEmpty else { throw malformed("it is empty") }
            return keys
        }
        guard !bytes.count.isMultiple(of: ambiguousCount) else {
            throw malformed(
                "it has \(bytes.count) bytes, which can be keys of 80 or of 48: write them in"
                    + " base64, one a line")
        }
        let count = bytes.count.isMultiple(of: longCount) ? longCount : shortCount
        guard !bytes.isEmpty, bytes.count.isMultiple(of: count) else {
            throw malformed("it has \(bytes.count) bytes, which is no multiple of 80 or of 48")
        }
        return stride(from: 0, to: bytes.count, by: count).map { start in
            let part = bytes[start..<(start + count)]
            return count == longCount ? TicketKey(long: part) : TicketKey(short: part)
        }
    }

    private static func one(_ bytes: [UInt8]) throws(TLSError) -> TicketKey {
        switch bytes.count {
        case longCount: return TicketKey(long: bytes[...])
        case shortCount: return TicketKey(short: bytes[...])
        default: throw malformed("a line is not the base64 of 80 or of 48 bytes")
        }
    }

    /// The lines that are not empty, where all of it is visible ASCII.
    private static func textLines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>]? {
        let isText = bytes.allSatisfy { $0 == 0x0a || $0 == 0x0d || (0x20..<0x7f).contains($0) }
        guard isText else { return nil }
        return bytes.split { $0 == 0x0a || $0 == 0x0d }
    }

    private static func malformed(_ reason: String) -> TLSError {
        TLSError(operation: "read the ticket keys", reason: reason)
    }

    static let nameCount = 16
    private static let longCount = 80
    private static let shortCount = 48
    /// Three keys of the one kind are as long as five of the other.
    private static let ambiguousCount = 240
}

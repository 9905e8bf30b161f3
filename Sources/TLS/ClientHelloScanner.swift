internal import Bytes

/// Reads a ClientHello for what chooses a site, and nothing else: the server name and the offered
/// protocols, before anybody has decided who is to answer it.
///
/// ```
/// record:    type 22 | version 3.x | length | fragment          (RFC 8446 §5.1)
/// fragments: type 1  | length 24   | ClientHello                (RFC 8446 §4, §4.1.2)
/// hello:     version | random | session id | suites | compression | extensions
/// ```
/// The message may be cut anywhere, by records and by reads: each byte is looked at once, so that
/// dripping gains nothing. Whatever is not beyond doubt is `unusable`, and OpenSSL's to refuse.
/// Values that nobody knows (GREASE, RFC 8701) are skipped. With Encrypted ClientHello it is the
/// outer name that is seen, which is all that the sender wants seen.
public struct ClientHelloScanner: Sendable {
    /// Where the scan stands.
    public enum Outcome: Sendable, Equatable {
        /// The message goes on.
        case needsMore
        /// The message is complete and well-formed.
        case complete
        /// This is no ClientHello, a malformed one, or one that is too large.
        case unusable
    }

    /// Where the scan stands.
    public private(set) var outcome = Outcome.needsMore

    /// The message so far, without the headers of its records.
    private var message: [UInt8] = []
    /// How much of the present record's header has been read, and what its length is so far.
    private var headerCount = 0
    private var recordLength = 0
    /// How much of the present record is to come.
    private var recordLeft = 0
    private var recordCount = 0
    /// Where in the message the name and the protocols stand; empty where there are none.
    private var name = 0..<0
    private var protocols = 0..<0

    /// Makes a scanner that awaits the first byte.
    public init() {}

    /// Goes on with the next bytes; they are not kept beyond the message.
    public mutating func scan(_ bytes: Span<UInt8>) -> Outcome {
        var place = 0
        while place < bytes.count, outcome == .needsMore {
            if recordLeft == 0 {
                takeHeader(bytes[place])
                place += 1
            } else {
                let count = min(recordLeft, bytes.count - place)
                recordLeft -= count
                takeFragment(bytes.extracting(place..<(place + count)))
                place += count
            }
        }
        return outcome
    }

    /// The name that the client asks for, as it spelled it; nil where it names none.
    public var serverName: String? {
        name.isEmpty ? nil : String(copying: message.span.extracting(name))
    }

    /// The protocols that the client offers, best first.
    public var offeredProtocols: [String] {
        var names: [String] = []
        var place = protocols.lowerBound
        while place < protocols.upperBound {
            let end = place + 1 + Int(message[place])
            names.append(String(copying: message.span.extracting((place + 1)..<end)))
            place = end
        }
        return names
    }

    /// The site that the client asks for; to be asked once the message is complete.
    public func select(in store: CredentialStore) -> CredentialStore.Selection {
        store.select(
            serverName: message.span.extracting(name),
            offering: message.span.extracting(protocols))
    }

    private mutating func takeHeader(_ byte: UInt8) {
        switch headerCount {
        case 0 where byte != ClientHelloScanner.handshakeRecord: outcome = .unusable
        case 1 where byte != 3: outcome = .unusable
        case 3, 4: recordLength = recordLength << 8 | Int(byte)
        default: break
        }
        headerCount += 1
        guard headerCount == ClientHelloScanner.headerBytes else { return }
        recordCount += 1
        // An empty fragment of a handshake is forbidden (RFC 8446 §5.1).
        if recordLength == 0 || recordLength > ClientHelloScanner.recordBytes
            || recordCount > ClientHelloScanner.recordLimit
        {
            outcome = .unusable
        }
        recordLeft = recordLength
        (headerCount, recordLength) = (0, 0)
    }

    private mutating func takeFragment(_ bytes: Span<UInt8>) {
        for index in bytes.indices {
            message.append(bytes[index])
            if message.count == 4 { judgeLength() }
            guard outcome == .needsMore else { return }
            if message.count > 4, message.count == end {
                outcome = parse() ? .complete : .unusable
                return
            }
        }
    }

    /// Where the message ends; its first four bytes have come.
    private var end: Int { 4 + (Int(message[1]) << 16 | Int(message[2]) << 8 | Int(message[3])) }

    private mutating func judgeLength() {
        let isHello = message[0] == ClientHelloScanner.clientHello
        guard isHello, end > 4, end <= ClientHelloScanner.messageLimit else {
            outcome = .unusable
            return
        }
        message.reserveCapacity(end)
    }

    /// Reads the message; false where it is malformed.
    private mutating func parse() -> Bool {
        var walk = Walk(place: 4 + 2 + 32, end: message.count)
        guard let session = walk.vector(1, in: message), session.count <= 32,
            let suites = walk.vector(2, in: message), suites.count >= 2, suites.count % 2 == 0,
            let compression = walk.vector(1, in: message), !compression.isEmpty
        else { return false }
        // A ClientHello of TLS 1.2 may end here.
        if walk.isAtEnd { return true }
        guard let extensions = walk.vector(2, in: message), walk.isAtEnd else { return false }
        walk = Walk(place: extensions.lowerBound, end: extensions.upperBound)
        while !walk.isAtEnd {
            guard let type = walk.number(2, in: message), let body = walk.vector(2, in: message)
            else { return false }
            switch type {
            case ClientHelloScanner.serverNameType where !takeName(body): return false
            case ClientHelloScanner.protocolsType where !takeProtocols(body): return false
            default: break
            }
        }
        return true
    }

    /// Reads a server_name extension with exactly one name, as every client sends it
    /// (RFC 6066 §3); false where it is malformed or another one.
    private mutating func takeName(_ body: Range<Int>) -> Bool {
        var walk = Walk(place: body.lowerBound, end: body.upperBound)
        guard name.isEmpty, let list = walk.vector(2, in: message), walk.isAtEnd else {
            return false
        }
        walk = Walk(place: list.lowerBound, end: list.upperBound)
        guard walk.number(1, in: message) == 0, let host = walk.vector(2, in: message),
            walk.isAtEnd, (1...ClientHelloScanner.nameLimit).contains(host.count)
        else { return false }
        name = host
        return true
    }

    /// Reads an ALPN extension (RFC 7301 §3.1); false where it is malformed or another one.
    private mutating func takeProtocols(_ body: Range<Int>) -> Bool {
        var walk = Walk(place: body.lowerBound, end: body.upperBound)
        guard protocols.isEmpty, let list = walk.vector(2, in: message), walk.isAtEnd,
            !list.isEmpty
        else { return false }
        walk = Walk(place: list.lowerBound, end: list.upperBound)
        while !walk.isAtEnd {
            guard let name = walk.vector(1, in: message), !name.isEmpty else { return false }
        }
        protocols = list
        return true
    }

    /// A place in the message that moves on, and never beyond its end.
    private struct Walk {
        var place: Int
        let end: Int

        var isAtEnd: Bool { place == end }

        /// A number of so many bytes; nil where there are fewer.
        mutating func number(_ bytes: Int, in message: [UInt8]) -> Int? {
            guard place + bytes <= end else { return nil }
            var number = 0
            for index in place..<(place + bytes) { number = number << 8 | Int(message[index]) }
            place += bytes
            return number
        }

        /// What stands behind its length of so many bytes; nil where it reaches beyond the end.
        mutating func vector(_ lengthBytes: Int, in message: [UInt8]) -> Range<Int>? {
            guard let count = number(lengthBytes, in: message), place + count <= end else {
                return nil
            }
            defer { place += count }
            return place..<(place + count)
        }
    }

    /// The most bytes of a message: post-quantum keys take two thousand, and nothing known more.
    static let messageLimit = 16_384
    /// The most records that the message may be cut into: their headers are held, too.
    static let recordLimit = 1_024
    /// The most payload of one record (RFC 8446 §5.1).
    private static let recordBytes = 16_384
    private static let headerBytes = 5
    private static let handshakeRecord: UInt8 = 22
    private static let clientHello: UInt8 = 1
    private static let serverNameType = 0
    private static let protocolsType = 16
    /// The longest name that OpenSSL takes.
    private static let nameLimit = 255
}

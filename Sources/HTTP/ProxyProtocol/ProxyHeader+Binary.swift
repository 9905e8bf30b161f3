internal import Bytes

/// Version 2: binary (§2.2).
extension ProxyHeader {
    /// Reads the header that `bytes` begin with.
    static func parseBinary(_ bytes: Span<UInt8>) -> ProxyParseOutcome {
        for index in 0..<min(bytes.count, signature.count) where bytes[index] != signature[index] {
            return .failed(.missing)
        }
        guard bytes.count > 12 else { return .needsMore }
        guard bytes[12] == 0x20 || bytes[12] == 0x21 else { return .failed(.unknownCommand) }
        guard bytes.count >= fixedBytes else { return .needsMore }
        let end = fixedBytes + (Int(bytes[14]) << 8 | Int(bytes[15]))
        guard end <= longestBinary else { return .failed(.tooLong) }
        guard bytes.count >= end else { return .needsMore }
        do throws(ProxyFault) {
            let header = try read(bytes.extracting(0..<end))
            return .complete(header, consumed: end)
        } catch {
            return .failed(error)
        }
    }

    /// Reads a whole header.
    private static func read(_ bytes: Span<UInt8>) throws(ProxyFault) -> ProxyHeader {
        // The receiver takes the connection's own addresses and discards the block, whatever the
        // family (§2.2).
        if bytes[12] == 0x20 { return .local }
        var header = ProxyHeader.unknown
        let addressBytes: Int
        switch bytes[13] {
        case 0x00: addressBytes = 0
        case 0x11: addressBytes = 12
        case 0x21: addressBytes = 36
        case 0x31: addressBytes = 216
        default: throw .unknownFamily
        }
        guard fixedBytes + addressBytes <= bytes.count else { throw .tooShort }
        if bytes[13] == 0x11 {
            header.source = .ipv4(
                UInt32(number(bytes, at: 16, bytes: 4)), port: port(bytes, at: 24))
            header.destination = .ipv4(
                UInt32(number(bytes, at: 20, bytes: 4)), port: port(bytes, at: 26))
        } else if bytes[13] == 0x21 {
            header.source = .ipv6(
                number(bytes, at: 16, bytes: 8), number(bytes, at: 24, bytes: 8),
                port: port(bytes, at: 48))
            header.destination = .ipv6(
                number(bytes, at: 32, bytes: 8), number(bytes, at: 40, bytes: 8),
                port: port(bytes, at: 50))
        }
        try header.readValues(bytes, from: fixedBytes + addressBytes)
        return header
    }

    /// A number of up to eight bytes, the most significant first.
    static func number(_ bytes: Span<UInt8>, at start: Int, bytes count: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in start..<(start + count) { value = value << 8 | UInt64(bytes[index]) }
        return value
    }

    private static func port(_ bytes: Span<UInt8>, at start: Int) -> UInt16 {
        UInt16(number(bytes, at: start, bytes: 2))
    }

    /// Appends the header.
    func appendBinary(to queue: inout ByteQueue) {
        var head = ByteQueue()
        for byte in ProxyHeader.signature { head.append(byte) }
        head.append(isLocal ? 0x20 : 0x21)
        var body = ByteQueue()
        let family = isLocal ? 0 : appendAddresses(to: &body)
        if !isLocal { appendValues(to: &body) }
        let checksumBytes = hasChecksum && !isLocal ? 7 : 0
        head.append(family)
        head.append(UInt64(body.count + checksumBytes), bytes: 2)
        if checksumBytes > 0 {
            body.append(ProxyValue.checksum.rawValue)
            body.append(4, bytes: 2)
            // The checksum is that of the header with zeros in its place (§2.2.3).
            var sum = CRC32C()
            sum.update(head.bytes)
            sum.update(body.bytes)
            for _ in 0..<4 { sum.update(0) }
            body.append(UInt64(sum.value), bytes: 4)
        }
        queue.append(head.bytes)
        queue.append(body.bytes)
    }

    /// Appends the addresses and returns the byte for their family; none for a client without an
    /// IP address.
    private func appendAddresses(to body: inout ByteQueue) -> UInt8 {
        guard let source, let destination else { return 0 }
        let family: UInt8
        if case .ipv4(let from, _) = source, case .ipv4(let to, _) = destination {
            family = 0x11
            body.append(UInt64(from), bytes: 4)
            body.append(UInt64(to), bytes: 4)
        } else {
            family = 0x21
            for (upper, lower) in [source.halves, destination.halves] {
                body.append(upper, bytes: 8)
                body.append(lower, bytes: 8)
            }
        }
        body.append(UInt64(source.port), bytes: 2)
        body.append(UInt64(destination.port), bytes: 2)
        return family
    }

    /// What every header of version 2 begins with.
    private static let signature: [UInt8] = [
        0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a,
    ]
    /// The signature, the command, the family and the length.
    private static let fixedBytes = 16
}

extension ByteQueue {
    /// Appends a number of `count` bytes, the most significant first.
    mutating func append(_ number: UInt64, bytes count: Int) {
        for index in (0..<count).reversed() {
            append(UInt8(truncatingIfNeeded: number >> UInt64(index * 8)))
        }
    }
}

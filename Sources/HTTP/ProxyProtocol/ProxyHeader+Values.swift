internal import Bytes

/// What follows the addresses in version 2: values of a type and a length each (§2.2).
extension ProxyHeader {
    /// Reads the values from `start` to the end of a whole header.
    mutating func readValues(_ bytes: Span<UInt8>, from start: Int) throws(ProxyFault) {
        var walker = ValueWalker(start..<bytes.count)
        var checksumAt: Int?
        var room = ProxyHeader.keptBytes
        while let (code, value) = try walker.next(in: bytes) {
            if code == ProxyValue.checksum.rawValue {
                guard value.count == 4 else { throw .malformedValue }
                checksumAt = value.lowerBound
                continue
            }
            var facts =
                code == ProxyValue.tls.rawValue ? try ProxyHeader.readTLS(bytes, value) : nil
            var size = ProxyHeader.valueHead + value.count
            if size > room, let others = facts?.others {
                // That there was TLS is worth more than what nobody here knows.
                size -= others.count
                facts?.others = []
            }
            guard size <= room, keep(bytes, code, value, facts) else { continue }
            room -= size
        }
        guard let checksumAt else { return }
        var sum = CRC32C()
        sum.update(bytes.extracting(0..<checksumAt))
        for _ in 0..<4 { sum.update(0) }
        sum.update(bytes.extracting((checksumAt + 4)..<bytes.count))
        guard ProxyHeader.number(bytes, at: checksumAt, bytes: 4) == UInt64(sum.value) else {
            throw .wrongChecksum
        }
        hasChecksum = true
    }

    /// Keeps a value of whose type something is told on; false for others.
    private mutating func keep(
        _ bytes: Span<UInt8>, _ code: UInt8, _ value: Range<Int>, _ facts: ProxyTLSFacts?
    ) -> Bool {
        switch ProxyValue(rawValue: code) {
        case .applicationProtocol:
            applicationProtocol = [UInt8](copying: bytes.extracting(value))
        case .authority: authority = [UInt8](copying: bytes.extracting(value))
        case .tls: tls = facts
        default:
            guard ProxyValue.isToldOn(code) else { return false }
            others += ProxyHeader.whole(bytes, value)
        }
        return true
    }

    /// A value with its type and its length.
    private static func whole(_ bytes: Span<UInt8>, _ value: Range<Int>) -> [UInt8] {
        [UInt8](copying: bytes.extracting((value.lowerBound - valueHead)..<value.upperBound))
    }

    private static func readTLS(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(ProxyFault) -> ProxyTLSFacts {
        guard range.count >= 5 else { throw .malformedValue }
        let flags = bytes[range.lowerBound]
        var facts = ProxyTLSFacts(
            isTLS: flags & 1 != 0, hasCertificate: flags & 2 != 0,
            hasSessionCertificate: flags & 4 != 0,
            verification: UInt32(number(bytes, at: range.lowerBound + 1, bytes: 4)))
        var walker = ValueWalker((range.lowerBound + 5)..<range.upperBound)
        while let (code, value) = try walker.next(in: bytes) {
            let text = bytes.extracting(value)
            switch ProxyValue(rawValue: code) {
            case .tlsVersion: facts.version = [UInt8](copying: text)
            case .commonName: facts.commonName = [UInt8](copying: text)
            case .cipher: facts.cipher = [UInt8](copying: text)
            case .signatureAlgorithm: facts.signatureAlgorithm = [UInt8](copying: text)
            case .keyAlgorithm: facts.keyAlgorithm = [UInt8](copying: text)
            default: facts.others += whole(bytes, value)
            }
        }
        return facts
    }

    /// Appends all values but the checksum.
    func appendValues(to body: inout ByteQueue) {
        append(.applicationProtocol, applicationProtocol, to: &body)
        append(.authority, authority, to: &body)
        if let tls { append(tls, to: &body) }
        body.append(others.span)
    }

    private func append(_ tls: ProxyTLSFacts, to body: inout ByteQueue) {
        var value = ByteQueue()
        value.append(tls.flags)
        value.append(UInt64(tls.verification), bytes: 4)
        append(.tlsVersion, tls.version, to: &value)
        append(.commonName, tls.commonName, to: &value)
        append(.cipher, tls.cipher, to: &value)
        append(.signatureAlgorithm, tls.signatureAlgorithm, to: &value)
        append(.keyAlgorithm, tls.keyAlgorithm, to: &value)
        value.append(tls.others.span)
        body.append(ProxyValue.tls.rawValue)
        body.append(UInt64(value.count), bytes: 2)
        body.append(value.bytes)
    }

    /// Appends one value; none for an empty one, and for one that no receiver takes.
    private func append(_ kind: ProxyValue, _ value: [UInt8], to body: inout ByteQueue) {
        guard (1...ProxyHeader.longestBinary).contains(value.count) else { return }
        body.append(kind.rawValue)
        body.append(UInt64(value.count), bytes: 2)
        body.append(value.span)
    }

    /// The type and the length in front of each value.
    fileprivate static let valueHead = 3
}

/// Where the values stand; each known type at most once, since two that differ would be read
/// differently by different receivers.
private struct ValueWalker {
    private var rest: Range<Int>
    private var seen: UInt64 = 0

    init(_ rest: Range<Int>) { self.rest = rest }

    mutating func next(
        in bytes: Span<UInt8>
    ) throws(ProxyFault) -> (code: UInt8, value: Range<Int>)? {
        guard !rest.isEmpty else { return nil }
        guard rest.count >= ProxyHeader.valueHead else { throw .malformedValue }
        let start = rest.lowerBound + ProxyHeader.valueHead
        let count = Int(ProxyHeader.number(bytes, at: rest.lowerBound + 1, bytes: 2))
        guard count <= rest.upperBound - start else { throw .malformedValue }
        let code = bytes[rest.lowerBound]
        rest = (start + count)..<rest.upperBound
        if ProxyValue(rawValue: code) != nil {
            guard seen & 1 << UInt64(code) == 0 else { throw .malformedValue }
            seen |= 1 << UInt64(code)
        }
        return (code, start..<(start + count))
    }
}

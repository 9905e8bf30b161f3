internal import COpenSSL

/// The steps of the key schedule of TLS 1.3 (RFC 8446 §7.1), by OpenSSL's digests.
///
/// OpenSSL's own way makes several contexts and looks algorithms up several times for each of the
/// some twenty secrets of a handshake; this one hashes.
@safe struct KeySchedule {
    // SAFETY: owner: OpenSSL, which made it by `KeyScheduleProvider` and keeps it during the call.
    private let work: OpaquePointer
    let digest: Digest

    /// The digest of a suite of TLS 1.3 (RFC 8446 §B.4).
    @safe struct Digest {
        // SAFETY: owner: the process, which never frees it; not changed, so threads may share it.
        nonisolated(unsafe) let handle: OpaquePointer
        /// How many bytes it gives: 32 or 48.
        let count: Int
        /// How many bytes it takes at once: 64 or 128.
        let blockCount: Int
    }

    /// Room for what the longest digest gives, SHA-384.
    typealias Block = InlineArray<48, UInt8>

    /// Steps by one digest.
    ///
    /// - Parameter work: an `EVP_MD_CTX`, alive as long as this value.
    init(work: OpaquePointer, digest: Digest) {
        unsafe self.work = work
        self.digest = digest
    }

    /// HKDF-Extract (RFC 5869 §2.2): false where the salt is longer than a block of the digest, or
    /// the output is not as long as the digest.
    func extract(
        _ input: Span<UInt8>, salt: Span<UInt8>, into output: inout MutableSpan<UInt8>
    ) -> Bool {
        var secret = Block(repeating: 0)
        defer { KeySchedule.wipe(&secret) }
        guard output.count == digest.count,
            authenticate(Span(), input, key: salt, into: &secret)
        else { return false }
        KeySchedule.copy(secret.span.extracting(0..<digest.count), to: 0, of: &output)
        return true
    }

    /// HKDF-Expand-Label (RFC 8446 §7.1) into the first `wanted` bytes of the output: false where a
    /// length does not fit its field, `wanted` is more than 255 digests or more than there is room
    /// for, or the secret is longer than a block of the digest.
    func expand(
        _ secret: Span<UInt8>, prefix: Span<UInt8>, label: Span<UInt8>, context: Span<UInt8>,
        to wanted: Int, into output: inout MutableSpan<UInt8>
    ) -> Bool {
        let labelCount = prefix.count + label.count
        guard labelCount <= 255, context.count <= 255, wanted <= 255 * digest.count,
            wanted <= output.count
        else { return false }
        // HkdfLabel, which is no secret, and the number of the round.
        var message = InlineArray<515, UInt8>(repeating: 0)
        var room = message.mutableSpan
        room[0] = UInt8(wanted >> 8)
        room[1] = UInt8(wanted & 0xff)
        room[2] = UInt8(labelCount)
        KeySchedule.copy(prefix, to: 3, of: &room)
        KeySchedule.copy(label, to: 3 + prefix.count, of: &room)
        room[3 + labelCount] = UInt8(context.count)
        KeySchedule.copy(context, to: 4 + labelCount, of: &room)
        let end = 4 + labelCount + context.count
        var last = Block(repeating: 0)
        var next = Block(repeating: 0)
        defer {
            KeySchedule.wipe(&last)
            KeySchedule.wipe(&next)
        }
        for done in stride(from: 0, to: wanted, by: digest.count) {
            message[end] = UInt8(done / digest.count + 1)
            let isDone = authenticate(
                last.span.extracting(0..<(done == 0 ? 0 : digest.count)),
                message.span.extracting(0...end), key: secret, into: &next)
            guard isDone else { return false }
            let count = min(digest.count, wanted - done)
            KeySchedule.copy(next.span.extracting(0..<count), to: done, of: &output)
            last = next
        }
        return true
    }

    /// The digest of no bytes.
    func hashNothing(into output: inout Block) -> Bool {
        hash(Span(), Span(), Span(), into: &output)
    }

    /// HMAC of a message in two parts (RFC 2104): false where the key is longer than a block of
    /// the digest.
    private func authenticate(
        _ first: Span<UInt8>, _ second: Span<UInt8>, key: Span<UInt8>, into output: inout Block
    ) -> Bool {
        guard key.count <= digest.blockCount else { return false }
        var pad = InlineArray<16, UInt64>(repeating: 0)
        var inner = Block(repeating: 0)
        defer {
            KeySchedule.wipe(&pad)
            KeySchedule.wipe(&inner)
        }
        // SAFETY: bound: a key is no longer than a block, and a block no longer than the room.
        unsafe withUnsafeMutableBytes(of: &pad) { room in
            unsafe key.withUnsafeBytes { unsafe room.copyMemory(from: $0) }
        }
        for index in pad.indices { pad[index] ^= 0x3636_3636_3636_3636 }
        let block = 0..<digest.blockCount
        guard hash(pad.span.bytes(block), first, second, into: &inner) else { return false }
        for index in pad.indices { pad[index] ^= 0x6a6a_6a6a_6a6a_6a6a }
        return hash(
            pad.span.bytes(block), inner.span.extracting(0..<digest.count), Span(), into: &output)
    }

    /// The digest of three parts, one after the other.
    private func hash(
        _ first: Span<UInt8>, _ second: Span<UInt8>, _ third: Span<UInt8>,
        into output: inout Block
    ) -> Bool {
        guard unsafe EVP_DigestInit_ex2(work, digest.handle, nil) == 1, feed(first), feed(second),
            feed(third)
        else { return false }
        // SAFETY: the output has room for the longest digest.
        return unsafe withUnsafeMutableBytes(of: &output) {
            unsafe EVP_DigestFinal_ex(
                work, $0.baseAddress?.assumingMemoryBound(to: UInt8.self), nil) == 1
        }
    }

    private func feed(_ part: Span<UInt8>) -> Bool {
        if part.isEmpty { return true }
        // SAFETY: OpenSSL keeps no pointer; bound: the span's count.
        return unsafe part.withUnsafeBytes {
            unsafe EVP_DigestUpdate(work, $0.baseAddress, $0.count) == 1
        }
    }

    /// Copies bytes to a place that has room for them.
    private static func copy(
        _ bytes: Span<UInt8>, to start: Int, of target: inout MutableSpan<UInt8>
    ) {
        precondition(start >= 0 && bytes.count <= target.count - start)
        // SAFETY: bound: checked above.
        unsafe target.withUnsafeMutableBytes { room in
            unsafe bytes.withUnsafeBytes {
                unsafe UnsafeMutableRawBufferPointer(rebasing: room[start...]).copyMemory(from: $0)
            }
        }
    }

    /// Overwrites what was secret.
    static func wipe<let count: Int, Element>(_ values: inout InlineArray<count, Element>) {
        // SAFETY: bound: the array's own bytes, of a type that is bits only.
        unsafe withUnsafeMutableBytes(of: &values) {
            unsafe OPENSSL_cleanse($0.baseAddress, $0.count)
        }
    }
}

extension Span<UInt64> {
    /// Some of its bytes.
    @_lifetime(copy self)
    fileprivate func bytes(_ range: Range<Int>) -> Span<UInt8> {
        // SAFETY: bound: checked by `extracting`; any bits are a byte.
        unsafe Span<UInt8>(_bytes: bytes.extracting(range))
    }
}

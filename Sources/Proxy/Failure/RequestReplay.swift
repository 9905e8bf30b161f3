internal import Bytes

/// What a server was sent of a request's body, as long as it may have to be sent to another.
///
/// Either the whole begin of the body is here, up to what was taken from the client, or nothing.
struct RequestReplay: ~Copyable {
    /// The begin of the body, all of it that was taken from the client.
    private(set) var bytes: ByteQueue
    /// How many bytes are kept; 0 for none.
    private var limit = 0
    /// How much of `bytes` the present attempt has taken, where it takes piece by piece.
    private var offset = 0

    init(buffers: BufferPool) { bytes = ByteQueue(pool: buffers) }

    /// Begins for a request.
    mutating func begin(limit: Int) {
        self.limit = limit
        offset = 0
    }

    /// Keeps a piece that a server is sent; false where the body cannot be sent again any more.
    mutating func keep(_ piece: Span<UInt8>) -> Bool {
        guard bytes.count + piece.count <= limit else {
            drop()
            return false
        }
        bytes.append(piece)
        offset += piece.count
        return true
    }

    /// Keeps nothing from now on.
    mutating func drop() {
        limit = 0
        offset = 0
        guard !bytes.isEmpty || bytes.capacity > 0 else { return }
        bytes.removeAll()
        bytes.releaseStorageIfEmpty()
    }

    /// No attempt follows the present one: what it has still to take stays until it has.
    mutating func settle() {
        limit = 0
        if remaining == 0 { drop() }
    }

    /// Begins anew for another attempt.
    mutating func rewind() { offset = 0 }

    /// How much of what is kept the present attempt has not taken.
    var remaining: Int { bytes.count - offset }

    /// Copies the next bytes that the attempt takes.
    mutating func take(_ count: Int, to output: inout ByteQueue) {
        output.append(bytes.bytes(in: offset..<offset + count))
        offset += count
        if limit == 0, remaining == 0 { drop() }
    }
}

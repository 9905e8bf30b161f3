public import Bytes

/// Writes messages from their parsed form; what was parsed is never passed through (RFC 9112 §2).
public enum MessageWriter {
    /// Writes `method target HTTP/1.1`.
    public static func appendRequestLine(
        method: Span<UInt8>, pathAndQuery: Span<UInt8>, to queue: inout ByteQueue
    ) {
        queue.append(method)
        queue.append(" ")
        queue.append(pathAndQuery)
        queue.append(" HTTP/1.1\r\n")
    }

    /// Writes `HTTP/1.1 status reason`, with the standard reason where the given one is empty.
    public static func appendStatusLine(status: Int, reason: Span<UInt8>, to queue: inout ByteQueue)
    {
        queue.append("HTTP/1.1 ")
        queue.append(decimal: status)
        queue.append(" ")
        if reason.isEmpty { queue.append(StatusText.reason(status)) } else { queue.append(reason) }
        queue.append("\r\n")
    }

    /// Writes every field that is not for one hop only and not in `skipping`, in its order and
    /// spelling.
    public static func appendFields(
        of block: borrowing FieldBlock, skipping: FieldNameSet, to queue: inout ByteQueue
    ) {
        block.writeLines(skipping: skipping, to: &queue)
    }

    /// Writes the line before a chunk's data (RFC 9112 §7.1).
    ///
    /// - Parameter size: more than 0: a chunk of 0 bytes is the last one.
    public static func appendChunkHeader(size: Int, to queue: inout ByteQueue) {
        queue.append(hexadecimal: UInt64(size))
        queue.append("\r\n")
    }

    /// Writes what stands behind a chunk's data.
    public static func appendChunkEnd(to queue: inout ByteQueue) {
        queue.append("\r\n")
    }

    /// Writes the last chunk and the trailer section.
    public static func appendLastChunk(trailers: borrowing FieldBlock, to queue: inout ByteQueue) {
        queue.append("0\r\n")
        appendFields(of: trailers, skipping: [], to: &queue)
        queue.append("\r\n")
    }
}

public import Bytes

/// Where bodies come from when the session may send some of them.
///
/// Called from within `HTTP2Session.write`: it may submit trailers and reset streams there, but
/// must neither write nor receive.
public protocol HTTP2BodySource: AnyObject {
    /// Says what the body of this stream has now.
    ///
    /// - Parameter limit: how many bytes at most.
    func nextPiece(of stream: Int32, token: Int, limit: Int) -> HTTP2Piece

    /// Writes exactly `count` bytes, directly after `nextPiece` has said `.bytes(count)`.
    func writePiece(of stream: Int32, token: Int, count: Int, to output: inout ByteQueue)

    /// Sends a frame on its way without a copy, behind all that `output` holds, which it takes
    /// along: `header`, and `count` bytes after it; false where it did nothing, so that the frame
    /// is appended to `output`.
    func sendFrame(
        of stream: Int32, token: Int, header: Span<UInt8>, count: Int,
        behind output: inout ByteQueue
    ) -> Bool
}

extension HTTP2BodySource {
    /// Does nothing: frames are appended.
    public func sendFrame(
        of stream: Int32, token: Int, header: Span<UInt8>, count: Int,
        behind output: inout ByteQueue
    ) -> Bool { false }
}

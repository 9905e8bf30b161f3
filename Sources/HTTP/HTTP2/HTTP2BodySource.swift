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
}

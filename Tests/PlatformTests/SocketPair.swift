import Bytes
import Glibc

@testable import Platform

/// Two connected sockets.
struct SocketPair: ~Copyable {
    let near: Socket
    let far: Socket

    /// Connects two sockets.
    init() throws {
        var raw: [CInt] = [-1, -1]
        let type = CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        // SAFETY: owner: this frame; bound: two numbers are filled in.
        guard unsafe socketpair(AF_UNIX, type, 0, &raw) == 0 else {
            throw SystemError.last("make", "a pair")
        }
        near = Socket(Descriptor(owning: raw[0]))
        far = Socket(Descriptor(owning: raw[1]))
    }

    /// Sends from the far side as much of `count` bytes as fits.
    func sendFar(_ count: Int) -> IOOutcome {
        far.send([UInt8](repeating: 0x61, count: count).span)
    }

    /// Takes up to `count` bytes from the near side and says what came.
    func receiveNear(_ count: Int) -> IOOutcome {
        var queue = ByteQueue()
        return near.receive(into: &queue, atMost: count)
    }
}

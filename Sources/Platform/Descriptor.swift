internal import CLinux
internal import Glibc

/// An open file descriptor with exactly one owner, closed with it.
public struct Descriptor: ~Copyable, Sendable {
    /// The number that the kernel knows it by; valid as long as this value lives.
    public let rawValue: CInt

    /// Takes over an open descriptor.
    public init(owning rawValue: CInt) {
        self.rawValue = rawValue
    }

    deinit {
        // Linux releases the number even where close reports EINTR; EBADF means that somebody else
        // closed it: a bug.
        let result = close(rawValue)
        precondition(result == 0 || martlet_errno() != EBADF, "a descriptor was closed twice")
    }
}

internal import CLinux
internal import Glibc

/// A system call that the kernel refused: what was tried, on what, and why.
public struct SystemError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The value of `errno`.
    public let code: CInt
    /// The operation, as a verb: "bind", "open".
    public let operation: String
    /// What it was tried on: an address, a path.
    public let subject: String

    /// Describes a refusal.
    public init(code: CInt, operation: String, subject: String) {
        self.code = code
        self.operation = operation
        self.subject = subject
    }

    /// "bind 0.0.0.0:80: Permission denied"; where there is no number, the subject says why.
    public var description: String {
        code == 0 ? "\(operation) \(subject)" : "\(operation) \(subject): \(SystemError.text(code))"
    }

    /// The address is taken by another socket.
    public static func addressInUse(_ subject: String) -> SystemError {
        SystemError(code: EADDRINUSE, operation: "bind", subject: subject)
    }

    /// There is no memory left.
    public static func outOfMemory(_ operation: String, _ subject: String) -> SystemError {
        SystemError(code: ENOMEM, operation: operation, subject: subject)
    }

    /// True exactly when the address is taken.
    public var isAddressInUse: Bool { code == EADDRINUSE }
    /// True exactly when permission is lacking.
    public var isPermissionDenied: Bool { code == EACCES || code == EPERM }
    /// True exactly when there is no such file or folder.
    public var isNotFound: Bool { code == ENOENT }
    /// True exactly when the file is there already.
    public var isAlreadyThere: Bool { code == EEXIST }
    /// True exactly when the process or the system has no descriptors left.
    public var isOutOfDescriptors: Bool { code == EMFILE || code == ENFILE }
    /// True exactly when the process or the system is short of descriptors or memory, whatever was
    /// tried.
    public var isShortage: Bool { isOutOfDescriptors || code == ENOBUFS || code == ENOMEM }
    /// True exactly when there is no local address left to connect from: every port towards this
    /// peer is in use, or this system does not speak the peer's family.
    public var isAddressShortage: Bool { code == EADDRNOTAVAIL }
    /// True exactly when the file system is mounted read-only.
    public var isReadOnlyFileSystem: Bool { code == EROFS }
    /// True exactly when nobody listens at the address.
    public var isConnectionRefused: Bool { code == ECONNREFUSED }

    /// What the C library calls an error; for logs.
    public static func explain(_ code: CInt) -> String { text(code) }

    private static func text(_ code: CInt) -> String {
        if code == 0 { return "no result" }
        // SAFETY: owner: this frame; bound: the buffer's size is passed, and the text ends within
        // it.
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let base = buffer.baseAddress, unsafe strerror_r(code, base, 256) == 0 else {
                return "error \(code)"
            }
            return unsafe String(cString: base)
        }
    }

    /// The error that the last call left behind.
    static func last(_ operation: String, _ subject: String) -> SystemError {
        SystemError(code: martlet_errno(), operation: operation, subject: subject)
    }
}

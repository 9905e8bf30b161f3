internal import CLinux
internal import Glibc
internal import Synchronization

/// A file that is only ever appended to: a log. One thread writes; any may ask to reopen.
public final class AppendFile: Sendable {
    /// Owns the descriptor of a path; the standard streams are never closed.
    private struct Target: ~Copyable {
        var descriptor: Descriptor?
        let standard: CInt
    }

    private let path: String?
    private let target: Mutex<Target>

    /// Opens a file for appending; makes it, readable by owner and group, if it is not there.
    public init(path: String) throws(SystemError) {
        self.path = path
        target = Mutex(Target(descriptor: try AppendFile.open(path), standard: -1))
    }

    private init(standard: CInt) {
        path = nil
        target = Mutex(Target(descriptor: nil, standard: standard))
    }

    /// Standard output.
    public static func standardOutput() -> AppendFile { AppendFile(standard: 1) }

    /// Standard error.
    public static func standardError() -> AppendFile { AppendFile(standard: 2) }

    private static func open(_ path: String) throws(SystemError) -> Descriptor {
        // SAFETY: owner: the string, for the call; bound: the C string ends in zero.
        // A pipe that nobody reads is an error now, rather than a wait for its reader.
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK
        let raw = unsafe martlet_open(path, flags, 0o640)
        guard raw >= 0 else { throw .last("open", path) }
        let descriptor = Descriptor(owning: raw)
        guard martlet_set_blocking(raw) == 0 else { throw .last("make blocking", path) }
        return descriptor
    }

    /// Writes as much as the kernel takes without an error.
    public func write(_ bytes: Span<UInt8>) -> IOOutcome {
        let raw = target.withLock { $0.descriptor?.rawValue ?? $0.standard }
        var offset = 0
        while offset < bytes.count {
            // SAFETY: owner: the caller, for the call; bound: what is left of the span.
            let count = unsafe bytes.extracting(offset...).withUnsafeBufferPointer { buffer in
                unsafe Glibc.write(raw, buffer.baseAddress, buffer.count)
            }
            if count < 0, martlet_errno() == EINTR { continue }
            guard count > 0 else { return offset > 0 ? .bytes(offset) : .failed(martlet_errno()) }
            offset += count
        }
        return .bytes(offset)
    }

    /// Opens the path anew, after the file was moved aside; on failure the old one stays. Writer's
    /// thread only.
    public func reopen() throws(SystemError) {
        guard let path else { return }
        let fresh = try AppendFile.open(path)
        replace(with: fresh)
    }

    private func replace(with fresh: consuming Descriptor) {
        var incoming: Descriptor? = consume fresh
        target.withLock { (present: inout sending Target) in
            present.descriptor = incoming.take()
        }
    }
}

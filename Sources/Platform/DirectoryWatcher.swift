internal import CLinux
internal import Glibc
internal import Synchronization

/// Tells when something in a folder is made, replaced, written, removed or moved away (inotify).
///
/// A file that is being written is told once it is closed: a log in the folder, which stays open,
/// would wake the watcher with every line otherwise.
public final class DirectoryWatcher: Sendable {
    private let descriptor: Descriptor
    /// Invariant: holds the folders whose watches have not ended.
    private let directories = Mutex<[CInt: String]>([:])

    /// Makes a watcher of no folder.
    public init() throws(SystemError) {
        let raw = martlet_inotify()
        guard raw >= 0 else { throw .last("create", "a watcher of folders") }
        descriptor = Descriptor(owning: raw)
    }

    /// The number to poll for reading.
    public var rawDescriptor: CInt { descriptor.rawValue }

    /// Watches one folder more.
    public func watch(_ directory: String) throws(SystemError) {
        let mask = UInt32(
            IN_CREATE | IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE
                | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)
        // SAFETY: owner: the string, for the call; bound: the C string ends in zero.
        let watch = unsafe inotify_add_watch(descriptor.rawValue, directory, mask)
        guard watch >= 0 else { throw .last("watch", directory) }
        directories.withLock { $0[watch] = directory }
    }

    /// Watches no folder any more; what was not drained yet is not told either.
    public func unwatchAll() {
        let watched = directories.withLock { (all: inout [CInt: String]) -> [CInt] in
            defer { all = [:] }
            return Array(all.keys)
        }
        for watch in watched { inotify_rm_watch(descriptor.rawValue, watch) }
    }

    /// Takes all that has been told, as folders and names.
    ///
    /// The name is empty when the folder itself has changed, is removed or moved away. Folder and
    /// name are empty when the kernel's queue was full, so that anything may have changed.
    public func drain() -> [(directory: String, name: String)] {
        var told: [(directory: String, name: String)] = []
        // SAFETY: owner: this frame; bound: the kernel is told the size, and reports how much it
        // filled, with whole events.
        unsafe withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 8) { buffer in
            while true {
                let filled = unsafe read(descriptor.rawValue, buffer.baseAddress, buffer.count)
                if filled < 0, martlet_errno() == EINTR { continue }
                guard filled > 0 else { return }
                unsafe append(UnsafeRawBufferPointer(rebasing: buffer[..<filled]), to: &told)
            }
        }
        return told
    }

    // SAFETY: owner: `drain`, for the call; bound: each look is within the event that was checked
    // to be there: 16 bytes of head, then as many as the head says, cut at the end.
    private func append(
        _ events: UnsafeRawBufferPointer, to told: inout [(directory: String, name: String)]
    ) {
        var offset = 0
        while offset + DirectoryWatcher.headBytes <= events.count {
            let watch = unsafe events.loadUnaligned(fromByteOffset: offset, as: CInt.self)
            let mask = unsafe events.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
            let length = unsafe events.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self)
            let begin = offset + DirectoryWatcher.headBytes
            let end = min(begin + Int(length), events.count)
            offset = end
            let directory = directory(of: watch, mask: mask)
            guard let directory else { continue }
            let name = unsafe String(
                decoding: events[begin..<end].prefix { $0 != 0 }, as: UTF8.self)
            told.append((directory: directory, name: name))
        }
    }

    /// The folder that an event speaks of, empty for a full queue; nil for an event that is not
    /// told: one of a watch that has ended, or the kernel's farewell to it.
    private func directory(of watch: CInt, mask: UInt32) -> String? {
        if mask & UInt32(IN_Q_OVERFLOW) != 0 { return "" }
        return directories.withLock { (all: inout [CInt: String]) -> String? in
            guard mask & UInt32(IN_IGNORED) == 0 else {
                all[watch] = nil
                return nil
            }
            return all[watch]
        }
    }

    /// What stands before the name: watch, mask, cookie and the name's length, 4 bytes each.
    private static let headBytes = 16
}

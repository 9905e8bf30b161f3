internal import CLinux
internal import Glibc
internal import Synchronization

/// Tells when something in a folder is made, replaced, written or removed (inotify).
public final class DirectoryWatcher: Sendable {
    private let descriptor: Descriptor
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
            IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE | IN_ATTRIB | IN_MODIFY
                | IN_ONLYDIR)
        let watch = unsafe inotify_add_watch(descriptor.rawValue, directory, mask)
        guard watch >= 0 else { throw .last("watch", directory) }
        directories.withLock { $0[watch] = directory }
    }

    /// Watches no folder any more.
    public func unwatchAll() {
        let watched = directories.withLock { (all: inout [CInt: String]) -> [CInt] in
            defer { all = [:] }
            return Array(all.keys)
        }
        for watch in watched { inotify_rm_watch(descriptor.rawValue, watch) }
    }

    /// Takes all that has been told, as folders and names; a full queue of the kernel's shows as an empty name.
    public func drain() -> [(directory: String, name: String)] {
        var told: [(directory: String, name: String)] = []
        // SAFETY: owner: this frame; bound: the kernel is told the size, and reports how much it filled with whole events.
        unsafe withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 8) { buffer in
            while true {
                let filled = unsafe read(descriptor.rawValue, buffer.baseAddress, buffer.count)
                guard filled > 0 else { return }
                var offset = 0
                while offset + MemoryLayout<inotify_event>.size <= filled {
                    let watch = unsafe buffer.loadUnaligned(fromByteOffset: offset, as: Int32.self)
                    let length = unsafe Int(
                        buffer.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
                    let begin = offset + 16
                    let name = unsafe buffer[begin..<min(begin + length, filled)].prefix { $0 != 0 }
                    let directory = directories.withLock { $0[watch] }
                    unsafe told.append(
                        (directory: directory ?? "", name: String(decoding: name, as: UTF8.self)))
                    offset = begin + length
                }
            }
        }
        return told
    }
}

/// What the file system knows of a file; equal exactly if it is the same file with the same
/// contents, as far as it knows.
public struct FileStatus: Sendable, Equatable {
    /// The permission bits.
    public let mode: UInt32
    /// In bytes.
    public let size: Int64
    /// The device that it stands on.
    public let device: UInt64
    /// Its number on the device.
    public let inode: UInt64
    /// When its contents changed.
    public let modified: WallTime
    /// When its contents, its owner or its permissions changed.
    public let changed: WallTime
    /// True exactly for a folder.
    public let isDirectory: Bool
    /// True exactly for the file of a Unix socket.
    public let isSocket: Bool
}

internal import CLinux
internal import Glibc

/// Files as the control plane uses them: whole, blocking, with errors that name the path.
public enum Files {
    /// Reads a whole file of at most `limit` bytes.
    ///
    /// - Parameter mayWait: true where a pipe is read, too, for whose writer this waits; a device
    ///   or a pipe is refused otherwise, since it may keep the caller for ever.
    public static func read(
        _ path: String, atMost limit: Int, mayWait: Bool = false
    ) throws(SystemError) -> [UInt8] {
        // SAFETY: owner: the string, for the call; bound: the C string ends in zero.
        let raw = unsafe martlet_open(path, O_RDONLY | O_NOCTTY | (mayWait ? 0 : O_NONBLOCK), 0)
        guard raw >= 0 else { throw .last("open", path) }
        let descriptor = Descriptor(owning: raw)
        if !mayWait { try requireFile(descriptor, path) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            // SAFETY: owner: this frame; bound: the array's count is passed.
            let count = unsafe Glibc.read(descriptor.rawValue, &chunk, chunk.count)
            if count < 0, martlet_errno() == EINTR { continue }
            guard count >= 0 else { throw .last("read", path) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= limit else {
                throw SystemError(code: EFBIG, operation: "read", subject: path)
            }
        }
    }

    private static func requireFile(
        _ descriptor: borrowing Descriptor, _ path: String
    ) throws(SystemError) {
        var value = stat()
        // SAFETY: owner: this frame; the kernel fills in one stat.
        guard unsafe fstat(descriptor.rawValue, &value) == 0 else { throw .last("read", path) }
        let kind = value.st_mode & S_IFMT
        // A folder is refused by the kernel, in words of its own.
        guard kind == S_IFREG || kind == S_IFDIR else {
            throw SystemError(code: 0, operation: "read", subject: "\(path): it is no file")
        }
    }

    /// Replaces a file in one step: readers see the old contents or the new, never a part.
    public static func writeAtomically(_ bytes: [UInt8], to path: String, mode: UInt32)
        throws(SystemError)
    {
        let temporary = "\(path).\(getpid()).tmp"
        remove(temporary)
        try createExclusively(bytes, at: temporary, mode: mode)
        // SAFETY: owner: the strings, for the call; bound: the C strings end in zero.
        guard unsafe rename(temporary, path) == 0 else {
            let error = SystemError.last("rename to", path)
            remove(temporary)
            throw error
        }
    }

    /// Makes a file that is not there yet; one that is there is left as it is.
    ///
    /// - Throws: `isAlreadyThere` if the file is there.
    public static func createExclusively(
        _ bytes: [UInt8], at path: String, mode: UInt32
    ) throws(SystemError) {
        // SAFETY: owner: the string, for the call; bound: the C string ends in zero.
        let raw = unsafe martlet_open(path, O_WRONLY | O_CREAT | O_EXCL, mode)
        guard raw >= 0 else { throw .last("create", path) }
        let descriptor = Descriptor(owning: raw)
        var offset = 0
        while offset < bytes.count {
            // SAFETY: owner: the array, for the call; bound: what is left of it.
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe write(
                    raw, buffer.baseAddress.map { unsafe $0 + offset }, buffer.count - offset)
            }
            if count < 0, martlet_errno() == EINTR { continue }
            guard count >= 0 else {
                let error = SystemError.last("write", path)
                remove(path)
                throw error
            }
            offset += count
        }
        guard fsync(descriptor.rawValue) == 0 else {
            let error = SystemError.last("write", path)
            remove(path)
            throw error
        }
    }

    /// Makes a folder and those above it that are missing.
    public static func createDirectories(_ path: String, mode: UInt32) throws(SystemError) {
        var prefix = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            prefix += "/" + part
            // SAFETY: owner: the string, for the call; bound: the C string ends in zero.
            if unsafe mkdir(prefix, mode) != 0, martlet_errno() != EEXIST {
                throw .last("create folder", prefix)
            }
        }
        guard try status(path).isDirectory else {
            throw SystemError(code: ENOTDIR, operation: "create folder", subject: path)
        }
    }

    /// Looks at a file.
    ///
    /// - Parameter followsLinks: false where a link is to be looked at itself.
    public static func status(
        _ path: String, followsLinks: Bool = true
    ) throws(SystemError) -> FileStatus {
        var value = stat()
        let result: CInt
        // SAFETY: owner: this frame; the kernel fills in one stat.
        if followsLinks {
            result = unsafe stat(path, &value)
        } else {
            result = unsafe lstat(path, &value)
        }
        guard result == 0 else { throw .last("open", path) }
        let kind = value.st_mode & S_IFMT
        return FileStatus(
            mode: value.st_mode & 0o7777, size: Int64(value.st_size), device: UInt64(value.st_dev),
            inode: UInt64(value.st_ino), modified: WallTime(value.st_mtim),
            changed: WallTime(value.st_ctim), isDirectory: kind == S_IFDIR,
            isSocket: kind == S_IFSOCK)
    }

    /// True exactly when there is something at the path.
    public static func exists(_ path: String) -> Bool {
        // SAFETY: owner: the string, for the call; bound: the C string ends in zero.
        unsafe access(path, F_OK) == 0
    }

    /// Removes a file, if it is there.
    public static func remove(_ path: String) {
        // SAFETY: owner: the string, for the call; bound: the C string ends in zero.
        _ = unsafe unlink(path)
    }

    /// Moves a file, in one step, in place of what was there.
    public static func move(_ path: String, to target: String) throws(SystemError) {
        // SAFETY: owner: the strings, for the call; bound: the C strings end in zero.
        guard unsafe rename(path, target) == 0 else { throw .last("rename to", target) }
    }

    /// The path without any link in it; nil if there is nothing.
    public static func resolveLinks(_ path: String) -> String? {
        // SAFETY: owner: the C library allocates the result, which is freed here.
        guard let real = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(real) }
        return unsafe String(cString: real)
    }
}

extension WallTime {
    fileprivate init(_ time: timespec) {
        self.init(seconds: Int64(time.tv_sec), nanoseconds: Int32(truncatingIfNeeded: time.tv_nsec))
    }
}

internal import CLinux
internal import Glibc

/// The memory that this process takes, and may take.
public enum ProcessMemory {
    /// Bytes that the kernel could only get back by ending the process: what is resident, without
    /// the pages of files. Nil where the kernel does not say.
    public static func ownBytes() -> Int? {
        let text = (try? Files.read("/proc/self/statm", atMost: 4_096)) ?? []
        let pages = text.split(separator: UInt8(ascii: " ")).prefix(3).compactMap {
            Int(String(decoding: $0, as: UTF8.self))
        }
        guard pages.count == 3 else { return nil }
        return (pages[1] - pages[2]) * sysconf(CInt(_SC_PAGESIZE))
    }

    /// Gives the kernel back what was freed and is only kept for later; takes milliseconds.
    public static func releaseFree() { martlet_release_memory() }

    /// How many bytes the control group of this process may take, by the strictest of it and those
    /// above it; nil where there is no limit.
    public static func groupLimit() -> Int? {
        groupLimit { path in
            (try? Files.read(path, atMost: 65_536)).map { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// The same with another way to read files.
    static func groupLimit(reading read: (String) -> String?) -> Int? {
        var limits: [Int] = []
        for line in (read("/proc/self/cgroup") ?? "").split(separator: "\n") {
            // "0::/path" is version 2, "4:memory:/path" version 1.
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let isVersion2 = parts[0] == "0" && parts[1].isEmpty
            guard isVersion2 || parts[1].split(separator: ",").contains("memory") else { continue }
            let root = isVersion2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory"
            let file = isVersion2 ? "memory.max" : "memory.limit_in_bytes"
            var folders = parts[2].split(separator: "/")
            while true {
                let folder = folders.map { "/\($0)" }.joined()
                if let text = read("\(root)\(folder)/\(file)")?.split(separator: "\n").first,
                    let limit = Int(text), limit < ProcessMemory.unlimited
                {
                    limits.append(limit)
                }
                if folders.popLast() == nil { break }
            }
        }
        return limits.min()
    }

    /// Version 1 writes a number of this size where there is no limit.
    private static let unlimited = 1 << 60
}

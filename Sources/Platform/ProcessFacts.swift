internal import Bytes
internal import CLinux
internal import Glibc

/// What the kernel says of this process, for the `process_` metrics.
public struct ProcessFacts: Sendable {
    /// User and system time in seconds.
    public let cpuSeconds: Double
    /// In bytes.
    public let residentBytes: Int
    /// In bytes.
    public let virtualBytes: Int
    /// How many descriptors are open.
    public let openDescriptors: Int
    /// In seconds since 1970.
    public let startTime: Double
    /// How many threads there are.
    public let threads: Int

    /// The number of this process.
    public static var processID: Int { Int(getpid()) }

    /// Asks the kernel (/proc); what it does not say is zero.
    public static func read() -> ProcessFacts {
        let text = (try? Files.read("/proc/self/stat", atMost: 65_536)) ?? []
        // The second field is the program's name in brackets and may contain anything.
        let tail = text.lastIndex(of: UInt8(ascii: ")")).map { text[($0 + 1)...] } ?? []
        let fields = tail.split(separator: UInt8(ascii: " ")).map {
            String(decoding: $0, as: UTF8.self)
        }
        func number(_ index: Int) -> Double {
            index < fields.count ? Double(fields[index]) ?? 0 : 0
        }
        let ticks = Double(sysconf(CInt(_SC_CLK_TCK)))
        let page = Double(sysconf(CInt(_SC_PAGESIZE)))
        return ProcessFacts(
            cpuSeconds: (number(11) + number(12)) / ticks, residentBytes: Int(number(21) * page),
            virtualBytes: Int(number(20)), openDescriptors: countDescriptors(),
            startTime: bootTime() + number(19) / ticks, threads: Int(number(17)))
    }

    private static func countDescriptors() -> Int {
        // SAFETY: owner: this function, which closes the folder; each entry is valid until the next
        // call.
        guard let directory = unsafe opendir("/proc/self/fd") else { return 0 }
        defer { unsafe closedir(directory) }
        var count = 0
        while unsafe readdir(directory) != nil { count += 1 }
        // Itself, "." and "..".
        return max(0, count - 3)
    }

    private static func bootTime() -> Double {
        let text = String(
            decoding: (try? Files.read("/proc/stat", atMost: 1 << 20)) ?? [], as: UTF8.self)
        for line in text.split(separator: "\n") where line.hasPrefix("btime ") {
            return Double(line.dropFirst(6)) ?? 0
        }
        return 0
    }
}

/// The bound on this process's descriptors.
public enum DescriptorLimit {
    /// Raises the soft limit to the hard one and returns what holds now.
    public static func raise() -> Int {
        var limit: UInt64 = 1024
        // SAFETY: owner: this frame; one number is filled in.
        _ = unsafe martlet_raise_descriptors(&limit)
        return Int(clamping: limit)
    }

    /// The soft limit that holds now.
    public static func current() -> Int {
        let limit = sysconf(CInt(_SC_OPEN_MAX))
        return limit < 0 ? Int.max : limit
    }
}

/// The environment that this process was started with.
public enum Environment {
    /// The value of a variable, or nil.
    public static func value(_ name: String) -> String? {
        // SAFETY: owner: the C library; nobody changes the environment while the process runs; the
        // text is copied.
        guard let raw = unsafe getenv(name) else { return nil }
        return unsafe String(cString: raw)
    }

    /// The user's home folder, as the environment says.
    public static var homeDirectory: String? { value("HOME") }

    /// The folder that the process runs in.
    public static var currentDirectory: String { Files.resolveLinks(".") ?? "." }
}

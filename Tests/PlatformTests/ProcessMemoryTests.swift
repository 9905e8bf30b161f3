import Testing

@testable import Platform

@Suite("ProcessMemory")
struct ProcessMemoryTests {
    @Test("What this process takes is more than nothing and less than what is resident")
    func own() throws {
        let bytes = try #require(ProcessMemory.ownBytes())
        #expect(bytes > 1 << 20)
        ProcessMemory.releaseFree()
        #expect(try #require(ProcessMemory.ownBytes()) <= ProcessFacts.read().residentBytes * 2)
    }

    private func limit(_ files: [String: String]) -> Int? {
        ProcessMemory.groupLimit { files[$0] }
    }

    @Test("The strictest limit of a group and those above it counts")
    func version2() {
        let group = ["/proc/self/cgroup": "0::/a.slice/b.service\n"]
        let root = "/sys/fs/cgroup"
        func with(_ limits: [String: String]) -> Int? {
            limit(group.merging(limits) { first, _ in first })
        }
        #expect(with([:]) == nil)
        #expect(with(["\(root)/a.slice/b.service/memory.max": "max\n"]) == nil)
        #expect(with(["\(root)/a.slice/b.service/memory.max": "4096\n"]) == 4_096)
        #expect(
            with([
                "\(root)/a.slice/b.service/memory.max": "max\n",
                "\(root)/a.slice/memory.max": "8192\n", "\(root)/memory.max": "9000\n",
            ]) == 8_192)
    }

    @Test("In a container the group is the root")
    func container() {
        #expect(
            limit(["/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.max": "1048576\n"])
                == 1 << 20)
    }

    @Test("The older version is read, too, and says no limit with a very large number")
    func version1() {
        let group = "11:pids:/d/x\n4:memory:/d/x\n0::/d/x\n"
        let file = "/sys/fs/cgroup/memory/d/x/memory.limit_in_bytes"
        #expect(limit(["/proc/self/cgroup": group, file: "9223372036854771712\n"]) == nil)
        #expect(limit(["/proc/self/cgroup": group, file: "4096\n"]) == 4_096)
        let both = "3:cpu,memory:/d\n"
        #expect(
            limit([
                "/proc/self/cgroup": both,
                "/sys/fs/cgroup/memory/d/memory.limit_in_bytes": "1\n",
            ]) == 1)
    }

    @Test("Rubbish is no limit", arguments: ["", "0:", "::", "0::/a", "memory:/a"])
    func rubbish(group: String) {
        #expect(limit(["/proc/self/cgroup": group, "/sys/fs/cgroup/memory.max": "much\n"]) == nil)
        #expect(limit([:]) == nil)
    }
}

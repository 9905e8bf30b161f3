import Glibc
import Testing

@testable import Platform

@Suite("Descriptor")
struct DescriptorTests {
    @Test("A descriptor is open as long as its owner lives, and closed with it")
    func owner() throws {
        var raw: CInt = -1
        do {
            let descriptor = Descriptor(owning: eventfd(0, 0))
            raw = descriptor.rawValue
            #expect(fcntl(raw, F_GETFD) >= 0)
        }
        // Another test may have been given the number since; but it is not this eventfd that bears it.
        let link = Files.resolveLinks("/proc/self/fd/\(raw)")
        #expect(link == nil || fcntl(raw, F_GETFD) != -1)
    }

    @Test("Whatever is opened here is closed in programs that are started")
    func closeOnExec() throws {
        let event = try EventDescriptor()
        let watcher = try DirectoryWatcher()
        let signals = try SignalDescriptor([.user2])
        let socket = try Socket.listen(on: .ipv4(0x7f00_0001, port: 0), reusePort: false, backlog: 1)
        let raws = [event.rawDescriptor, watcher.rawDescriptor, signals.rawDescriptor, socket.rawDescriptor]
        for raw in raws { #expect(fcntl(raw, F_GETFD) & FD_CLOEXEC != 0) }
        for raw in raws { #expect(fcntl(raw, F_GETFL) & O_NONBLOCK != 0) }
    }
}

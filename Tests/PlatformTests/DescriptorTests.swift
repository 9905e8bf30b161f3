import Glibc
import Testing

@testable import Platform

@Suite("Descriptor")
struct DescriptorTests {
    @Test("A descriptor is open as long as its owner lives, and closed with it")
    func owner() {
        var ends: [CInt] = [-1, -1]
        // SAFETY: owner: this frame; bound: two numbers.
        #expect(unsafe pipe(&ends) == 0)
        let reader = Descriptor(owning: ends[0])
        var byte: UInt8 = 0
        do {
            let writer = Descriptor(owning: ends[1])
            #expect(fcntl(writer.rawValue, F_GETFD) >= 0)
        }
        // The end of the stream, at once: nobody can write to the pipe any more.
        #expect(unsafe read(reader.rawValue, &byte, 1) == 0)
    }

    @Test("Whatever is opened here is closed in programs that are started")
    func closeOnExec() throws {
        let event = try EventDescriptor()
        let watcher = try DirectoryWatcher()
        let signals = try SignalDescriptor([.user2])
        let socket = try Socket.listen(
            on: .ipv4(0x7f00_0001, port: 0), reusePort: false, backlog: 1)
        let raws = [
            event.rawDescriptor, watcher.rawDescriptor, signals.rawDescriptor, socket.rawDescriptor,
        ]
        for raw in raws { #expect(fcntl(raw, F_GETFD) & FD_CLOEXEC != 0) }
        for raw in raws { #expect(fcntl(raw, F_GETFL) & O_NONBLOCK != 0) }
    }
}

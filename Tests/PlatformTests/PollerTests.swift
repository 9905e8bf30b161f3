import Bytes
import Testing

@testable import Platform

@Suite("Poller")
struct PollerTests {
    /// Waits five seconds at most.
    private func wait(_ poller: inout Poller) -> Int {
        let now = MonotonicTime.now()
        return poller.wait(until: now + .seconds(5), now: now)
    }

    /// Looks without waiting.
    private func look(_ poller: inout Poller) -> Int {
        let now = MonotonicTime.now()
        return poller.wait(until: now, now: now)
    }

    @Test("An edge is told once, and again when more comes")
    func edges() throws {
        let pair = try SocketPair()
        var poller = try Poller(maximumEvents: 8)
        try poller.add(
            pair.near.rawDescriptor, token: 1, interest: [.readable, .peerClosed, .edgeTriggered])
        #expect(look(&poller) == 0)
        #expect(pair.sendFar(3) == .bytes(3))
        #expect(wait(&poller) == 1)
        #expect(poller.event(0).isReadable && !poller.event(0).isWritable)
        #expect(!poller.event(0).isPeerClosed && !poller.event(0).isHangup)
        #expect(look(&poller) == 0)
        #expect(pair.sendFar(1) == .bytes(1))
        #expect(wait(&poller) == 1)
        #expect(look(&poller) == 0)
    }

    @Test("Without edges, what is readable is told until it is read")
    func levels() throws {
        let pair = try SocketPair()
        var poller = try Poller(maximumEvents: 8)
        try poller.add(pair.near.rawDescriptor, token: 1, interest: [.readable])
        #expect(pair.sendFar(3) == .bytes(3))
        #expect(wait(&poller) == 1)
        #expect(look(&poller) == 1)
        #expect(pair.receiveNear(10) == .bytes(3))
        #expect(look(&poller) == 0)
    }

    @Test("Room to write is told when the peer has read a full buffer")
    func writable() throws {
        let pair = try SocketPair()
        var poller = try Poller(maximumEvents: 8)
        try poller.add(pair.far.rawDescriptor, token: 5, interest: [.writable, .edgeTriggered])
        #expect(wait(&poller) == 1)
        #expect(poller.event(0).isWritable)
        while case .bytes = pair.sendFar(65_536) {}
        #expect(pair.sendFar(1) == .wouldBlock)
        #expect(look(&poller) == 0)
        while case .bytes = pair.receiveNear(65_536) {}
        #expect(wait(&poller) == 1)
        #expect(poller.event(0).isWritable)
    }

    @Test("The end of the peer's sending, and its going away, are told apart")
    func closing() throws {
        var poller = try Poller(maximumEvents: 8)
        let pair = try SocketPair()
        try poller.add(
            pair.near.rawDescriptor, token: 1, interest: [.readable, .peerClosed, .edgeTriggered])
        pair.far.shutdownWrite()
        #expect(wait(&poller) == 1)
        #expect(poller.event(0).isPeerClosed && poller.event(0).isReadable)
        #expect(!poller.event(0).isHangup)
        #expect(pair.receiveNear(1) == .endOfStream)
        pair.far.shutdownBoth()
        #expect(wait(&poller) == 1)
        #expect(poller.event(0).isHangup)
    }

    @Test(
        "A token comes back as it was given, generation and index included",
        arguments: [
            SlotID(index: 0, generation: 0), SlotID(index: .max, generation: 0),
            SlotID(index: 0, generation: .max), SlotID(index: 0x8000_0001, generation: 0xfedc_ba98),
        ])
    func token(id: SlotID) throws {
        let event = try EventDescriptor()
        var poller = try Poller(maximumEvents: 1)
        try poller.add(event.rawDescriptor, token: id.packed, interest: [.readable])
        event.signal()
        #expect(wait(&poller) == 1)
        #expect(SlotID(packed: poller.event(0).token) == id)
    }

    @Test("Watching for something else replaces interest and token; watching no more ends both")
    func modify() throws {
        let pair = try SocketPair()
        var poller = try Poller(maximumEvents: 8)
        try poller.add(pair.near.rawDescriptor, token: 1, interest: [.readable])
        #expect(pair.sendFar(1) == .bytes(1))
        try poller.modify(pair.near.rawDescriptor, token: 2, interest: [.writable])
        #expect(wait(&poller) == 1)
        #expect(poller.event(0).token == 2)
        #expect(poller.event(0).isWritable && !poller.event(0).isReadable)
        poller.remove(pair.near.rawDescriptor)
        #expect(look(&poller) == 0)
        poller.remove(pair.near.rawDescriptor)
    }

    @Test("A descriptor that is closed is watched no more")
    func closed() throws {
        var poller = try Poller(maximumEvents: 8)
        do {
            let event = try EventDescriptor()
            try poller.add(event.rawDescriptor, token: 1, interest: [.readable])
            event.signal()
            #expect(wait(&poller) == 1)
        }
        #expect(look(&poller) == 0)
    }

    @Test("A descriptor is added once, and modified only after that")
    func misuse() throws {
        let event = try EventDescriptor()
        let poller = try Poller(maximumEvents: 8)
        #expect(throws: SystemError.self) {
            try poller.modify(event.rawDescriptor, token: 1, interest: [.readable])
        }
        try poller.add(event.rawDescriptor, token: 1, interest: [.readable])
        let error = #expect(throws: SystemError.self) {
            try poller.add(event.rawDescriptor, token: 1, interest: [.readable])
        }
        #expect(error?.isAlreadyThere == true)
    }

    @Test("More descriptors than fit a batch are all told, over several")
    func batches() throws {
        var poller = try Poller(maximumEvents: 4)
        let events = try (0..<10).map { _ in try EventDescriptor() }
        for (index, event) in events.enumerated() {
            try poller.add(
                event.rawDescriptor, token: UInt64(index), interest: [.readable, .edgeTriggered])
            event.signal()
        }
        var seen: [UInt64] = []
        while seen.count < 10 {
            let count = wait(&poller)
            try #require((1...4).contains(count))
            for index in 0..<count { seen.append(poller.event(index).token) }
        }
        #expect(seen.sorted() == (0..<10).map { UInt64($0) })
    }

    @Test("A deadline is waited for, and not longer than a millisecond's rounding asks")
    func deadline() throws {
        var poller = try Poller(maximumEvents: 1)
        let now = MonotonicTime.now()
        let deadline = now + .microseconds(2500)
        #expect(poller.wait(until: deadline, now: now) == 0)
        #expect(MonotonicTime.now() >= deadline)
        #expect(poller.wait(until: now, now: deadline) == 0)
    }

    @Test("Without a deadline, another thread's signal ends the wait")
    func withoutDeadline() throws {
        let event = try EventDescriptor()
        var poller = try Poller(maximumEvents: 1)
        try poller.add(event.rawDescriptor, token: 7, interest: [.readable])
        let thread = try Thread.start(name: "signals", cpu: nil) { event.signal() }
        #expect(poller.wait(until: nil, now: .now()) == 1)
        thread.join()
    }
}

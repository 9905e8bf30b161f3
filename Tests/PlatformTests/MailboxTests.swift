import Platform
import Testing

@Suite("Mailbox")
struct MailboxTests {
    private func isReadable<Message>(_ mailbox: Mailbox<Message>, within timeout: Duration = .zero)
        -> Bool
    {
        Poll.wait([mailbox.rawDescriptor], timeout: timeout) == [true]
    }

    @Test("Messages come out in the order in which they went in, once")
    func order() throws {
        let mailbox = try Mailbox<Int>()
        #expect(mailbox.drain() == [])
        for number in 0..<100 { mailbox.post(number) }
        #expect(mailbox.drain() == Array(0..<100))
        #expect(mailbox.drain() == [])
    }

    @Test("The descriptor is readable exactly while there are messages")
    func readable() throws {
        let mailbox = try Mailbox<String>()
        #expect(!isReadable(mailbox))
        mailbox.post("a")
        mailbox.post("b")
        #expect(isReadable(mailbox))
        #expect(mailbox.drain() == ["a", "b"])
        #expect(!isReadable(mailbox))
        mailbox.post("c")
        #expect(isReadable(mailbox))
        #expect(mailbox.drain() == ["c"])
    }

    @Test("Every message of several threads arrives, in each thread's order, and wakes the reader")
    func threads() throws {
        struct Message: Sendable {
            let thread: Int
            let number: Int
        }
        let mailbox = try Mailbox<Message>()
        let threads = try (0..<4).map { thread in
            try Thread.start(name: "posts", cpu: nil) {
                for number in 0..<5000 { mailbox.post(Message(thread: thread, number: number)) }
            }
        }
        var next = [0, 0, 0, 0]
        while next.reduce(0, +) < 20_000 {
            // Were a wake-up lost, this would end with the deadline.
            try #require(isReadable(mailbox, within: .seconds(20)))
            for message in mailbox.drain() {
                try #require(message.number == next[message.thread])
                next[message.thread] += 1
            }
        }
        threads.forEach { $0.join() }
        #expect(mailbox.drain().isEmpty)
    }
}

internal import Synchronization

/// Messages from any thread to one, with a descriptor that is readable while there are some.
///
/// The lock is held for an append or a swap only. Whoever posts bounds what is under way.
public final class Mailbox<Message: Sendable>: Sendable {
    private let messages = Mutex<[Message]>([])
    private let event: EventDescriptor

    /// Makes an empty mailbox.
    public init() throws(SystemError) {
        event = try EventDescriptor()
    }

    /// The number to poll for reading.
    public var rawDescriptor: CInt { event.rawDescriptor }

    /// Puts a message in; any thread.
    public func post(_ message: Message) {
        let wasEmpty = messages.withLock { (queue: inout [Message]) -> Bool in
            queue.append(message)
            return queue.count == 1
        }
        if wasEmpty { event.signal() }
    }

    /// Takes all messages out, in the order in which they were put in.
    public func drain() -> [Message] {
        event.drain()
        return messages.withLock { (queue: inout [Message]) -> [Message] in
            let all = queue
            queue = []
            return all
        }
    }
}

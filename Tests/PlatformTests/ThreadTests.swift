import Glibc
import Platform
import Synchronization
import Testing

/// What a thread of a test leaves behind.
private final class Note: Sendable {
    private let text = Mutex("")

    func write(_ value: String) { text.withLock { $0 = value } }
    var value: String { text.withLock { $0 } }

    /// The calling thread's name, as the kernel knows it.
    static func threadName() -> String {
        let bytes = (try? Files.read("/proc/thread-self/comm", atMost: 64)) ?? []
        return String(decoding: bytes.dropLast(), as: UTF8.self)
    }
}

@Suite("Thread")
struct ThreadTests {
    // The name was cut by characters, so that one beyond ASCII got none at all.
    @Test(
        "A thread bears its name, cut to 15 bytes between characters",
        arguments: [
            ("worker-1", "worker-1"), ("exactly15bytes!", "exactly15bytes!"),
            ("exactly-16bytes!", "exactly-16bytes"), ("dürre-äste-größe", "dürre-äste-gr"),
            ("ééééééééééé", "ééééééé"),
        ])
    func name(_ name: String, _ expected: String) throws {
        let note = Note()
        let thread = try Thread.start(name: name, cpu: nil) { note.write(Note.threadName()) }
        thread.join()
        #expect(note.value == expected)
    }

    @Test("A thread stays on the processor it is given", arguments: Processors.list())
    func pinned(processor: Int) throws {
        let note = Note()
        let thread = try Thread.start(name: "pinned", cpu: processor) {
            note.write("\(Processors.list()) \(Processors.available)")
        }
        thread.join()
        #expect(note.value == "[\(processor)] 1")
    }

    @Test("A thread is asked for with a stack of its own size")
    func stack() throws {
        let note = Note()
        let thread = try Thread.start(name: "stack", cpu: nil, stackSize: 1 << 23) {
            note.write("\(ThreadTests.depth(20_000))")
        }
        thread.join()
        #expect(note.value == "20000")
    }

    private static func depth(_ left: Int) -> Int { left == 0 ? 0 : 1 + depth(left - 1) }

    /// What whoever waits has given up, nobody gives back.
    @Test("Work that may wait steps back on a thread of its own, and its result comes back")
    func behind() {
        let before = ThreadTests.niceness()
        let (inside, nested) = Thread.behind {
            (ThreadTests.niceness(), Thread.behind { ThreadTests.niceness() })
        }
        #expect(inside == min(19, before + 10))
        #expect(nested == inside)
        #expect(ThreadTests.niceness() == before)
    }

    /// How far the calling thread has stepped back: behind its name, the 17th value (proc(5)).
    private static func niceness() -> Int {
        let bytes = (try? Files.read("/proc/thread-self/stat", atMost: 1024)) ?? []
        let text = String(decoding: bytes, as: UTF8.self)
        let values = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
        return values.count > 17 ? Int(values[17]) ?? 99 : 99
    }

    @Test("There is at least one processor")
    func processors() {
        #expect(Processors.available >= 1)
        #expect(Processors.list() == Processors.list().sorted())
    }
}

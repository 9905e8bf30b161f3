internal import Bytes
public import Platform
internal import Synchronization

/// Where log lines go.
public enum LogDestination: Sendable, Equatable {
    /// Standard output.
    case standardOutput
    /// Standard error.
    case standardError
    /// A file, appended to.
    case file(String)
}

/// A log: lines from any number of channels, written by one thread of its own.
///
/// What cannot be written is lost and counted; nobody ever waits for a disk.
public final class LogSink: Sendable {
    private struct State {
        var channels: [LogChannel] = []
        var wantsReopen = false
        var wantsStop = false
    }

    private let file: AppendFile
    private let state = Mutex(State())
    private let wake: EventDescriptor
    private let thread: Mutex<Thread?> = Mutex(nil)
    /// True exactly when the writer waits for `wake`.
    private let isAsleep = Atomic<Bool>(false)
    private let lost: LostLines

    /// Opens the log and starts its writer; lines that are lost are counted in `lost`.
    public init(
        destination: LogDestination, lost: LostLines = LostLines()
    ) throws(SystemError) {
        self.lost = lost
        switch destination {
        case .standardOutput: file = .standardOutput()
        case .standardError: file = .standardError()
        case .file(let path): file = try AppendFile(path: path)
        }
        wake = try EventDescriptor()
        let thread = try Thread.start(name: "log", cpu: nil) { [self] in write() }
        self.thread.withLock { $0 = thread }
    }

    /// Makes the channel of one more writing thread.
    public func makeChannel() -> LogChannel {
        let channel = LogChannel(sink: self)
        state.withLock { $0.channels.append(channel) }
        return channel
    }

    /// Opens the file anew, before the next line is written.
    public func reopen() {
        state.withLock { $0.wantsReopen = true }
        wake.signal()
    }

    /// Writes what waits, and ends the writer.
    public func flushAndStop() {
        state.withLock { $0.wantsStop = true }
        wake.signal()
        let running = thread.withLock { (thread: inout Thread?) -> Thread? in
            defer { thread = nil }
            return thread
        }
        running?.join()
    }

    /// Wakes the writer if it sleeps.
    func nudge() {
        if isAsleep.exchange(false, ordering: .acquiringAndReleasing) { wake.signal() }
    }

    func countLost() { lost.add(1) }

    /// The body of the writer's thread.
    private func write() {
        var batch = ByteQueue()
        while true {
            let (channels, reopens, stops) = state.withLock { (state: inout State) in
                defer { state.wantsReopen = false }
                return (state.channels, state.wantsReopen, state.wantsStop)
            }
            if reopens { try? file.reopen() }
            for channel in channels { channel.ring.drain(into: &batch) }
            if !batch.isEmpty {
                put(&batch)
                continue
            }
            if stops { return }
            isAsleep.store(true, ordering: .sequentiallyConsistent)
            // A line that was written before the flag was seen is found by this look, or after a
            // second at most.
            if channels.allSatisfy(\.ring.isEmpty) {
                _ = Poll.wait([wake.rawDescriptor], timeout: .seconds(1))
            }
            isAsleep.store(false, ordering: .relaxed)
            wake.drain()
        }
    }

    private func put(_ batch: inout ByteQueue) {
        if case .bytes(let count) = file.write(batch.bytes), count == batch.count {
            batch.removeAll()
            return
        }
        // A full disk: these lines are lost, and counted.
        for index in batch.bytes.indices where batch.bytes[index] == 0x0a { countLost() }
        batch.removeAll()
    }
}

/// The way of one thread into a log, without a lock.
public final class LogChannel: Sendable {
    let ring = ByteRing(capacity: LogChannel.capacity)
    private let sink: LogSink

    init(sink: LogSink) { self.sink = sink }

    /// Queues a line, its line feed included; owner's thread only. A line that finds no room is
    /// lost and counted.
    public func write(_ line: Span<UInt8>) {
        if !ring.write(line) { sink.countLost() }
    }

    /// Lets the writer know, once for all lines of a turn.
    public func flush() {
        if !ring.isEmpty { sink.nudge() }
    }

    /// How many bytes of lines wait at most.
    private static let capacity = 1 << 20
}

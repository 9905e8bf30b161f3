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
/// What cannot be written is lost and counted; nobody ever waits for a disk. A line that finds the
/// writer asleep wakes it; those that follow gather while it naps, so that a busy worker pays for
/// waking it 50 times a second, not for each request.
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

    /// Wakes the writer if it sleeps, and even from a nap where the lines are `urgent`.
    func nudge(urgent: Bool) {
        if isAsleep.exchange(false, ordering: .acquiringAndReleasing) || urgent { wake.signal() }
    }

    func countLost() { lost.add(1) }

    /// The body of the writer's thread.
    private func write() {
        var batch = ByteQueue()
        var endsMidLine = false
        while true {
            let (channels, stops) = state.withLock { ($0.channels, $0.wantsStop) }
            for channel in channels { channel.ring.drain(into: &batch) }
            // After the lines were taken: one that was written after `reopen` goes to the new file.
            if takeReopen() { try? file.reopen() }
            if !batch.isEmpty {
                put(batch.bytes, &endsMidLine)
                batch.removeAll()
                if !stops {
                    _ = Poll.wait([wake.rawDescriptor], timeout: LogSink.nap)
                    wake.drain()
                }
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

    private func takeReopen() -> Bool {
        state.withLock { state in
            defer { state.wantsReopen = false }
            return state.wantsReopen
        }
    }

    /// Writes whole lines; what a full disk does not take is lost, and counted. A line that was cut
    /// there is ended first, lest it swallow the next one.
    private func put(_ batch: Span<UInt8>, _ endsMidLine: inout Bool) {
        var written = 0
        if endsMidLine, case .bytes = file.write(LogSink.lineFeed.span) { endsMidLine = false }
        if !endsMidLine, case .bytes(let count) = file.write(batch) { written = count }
        guard written < batch.count else { return }
        lost.add(LogSink.lines(in: batch.extracting(written...)))
        if written > 0 { endsMidLine = batch[written - 1] != 0x0a }
    }

    private static func lines(in bytes: Span<UInt8>) -> Int {
        var count = 0
        for index in bytes.indices where bytes[index] == 0x0a { count += 1 }
        return count
    }

    private static let lineFeed: [UInt8] = [0x0a]
    /// How long lines gather after some were written.
    private static let nap = Duration.milliseconds(20)
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
        let waiting = ring.count
        if waiting > 0 { sink.nudge(urgent: waiting > LogChannel.capacity / 2) }
    }

    /// How many bytes of lines wait at most.
    static let capacity = 1 << 20
}

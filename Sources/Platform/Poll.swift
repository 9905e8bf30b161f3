internal import Glibc

/// Waiting for a few descriptors on a control thread.
public enum Poll {
    /// Waits until one of the descriptors is readable or closed, `timeout` at most, and says which
    /// are.
    public static func wait(_ descriptors: [CInt], timeout: Duration?) -> [Bool] {
        var polled = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let milliseconds = timeout.map(Poll.milliseconds) ?? -1
        // SAFETY: owner: this frame; bound: the array's count is passed.
        let count = unsafe poll(&polled, nfds_t(polled.count), milliseconds)
        return polled.map { count > 0 && $0.revents != 0 }
    }

    /// The same, but not for longer than a moment once one of these signals, which must be blocked,
    /// has come.
    public static func wait(
        _ descriptors: [CInt], timeout: Duration, unlessPending signals: [Signal]
    ) -> [Bool] {
        let deadline = MonotonicTime.now() + timeout
        while true {
            let left = max(.zero, deadline - MonotonicTime.now())
            let isReady = wait(descriptors, timeout: min(left, Poll.moment))
            let isOver = left <= Poll.moment || SignalDescriptor.isPending(signals)
            if isOver || isReady.contains(true) { return isReady }
        }
    }

    private static let moment = Duration.milliseconds(100)

    /// Rounded up, so that a wait never ends before its time.
    private static func milliseconds(_ timeout: Duration) -> CInt {
        let nanoseconds = timeout.wholeNanoseconds
        return nanoseconds <= 0 ? 0 : CInt(clamping: (nanoseconds - 1) / 1_000_000 + 1)
    }
}

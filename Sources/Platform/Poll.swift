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

    /// Rounded up, so that a wait never ends before its time.
    private static func milliseconds(_ timeout: Duration) -> CInt {
        let nanoseconds = timeout.wholeNanoseconds
        return nanoseconds <= 0 ? 0 : CInt(clamping: (nanoseconds - 1) / 1_000_000 + 1)
    }
}

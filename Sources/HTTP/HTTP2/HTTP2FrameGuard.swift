/// Judges each frame by its header, before the library sees it: what the library forgives on
/// streams that are over, and what costs more than it brings.
struct HTTP2FrameGuard {
    private let role: HTTP2Role
    private let frameBytes: Int
    private let continuationLimit: Int
    private var resets: HTTP2Allowance
    private var settings: HTTP2Allowance
    private var pings: HTTP2Allowance
    private var priorities: HTTP2Allowance
    private var emptyData: HTTP2Allowance
    private var windowUpdates: HTTP2Allowance
    private var unknownFrames: HTTP2Allowance
    private var lateFrames: HTTP2Allowance
    /// What our DATA lets the peer do beyond its budgets: clients give credit for every few
    /// kilobytes, and some measure the line with a PING for each answer.
    private var windowUpdateCredit = 0
    private var pingCredit = 0

    /// The stream whose field section goes on; 0 where none does.
    private var continued: Int32 = 0
    private var continuations = 0

    /// Begins with all budgets full.
    init(
        role: HTTP2Role, frameBytes: Int, budgets: HTTP2Budgets, milliseconds: Int64
    ) {
        self.role = role
        self.frameBytes = frameBytes
        continuationLimit = budgets.continuations
        func full(_ budget: HTTP2Budget) -> HTTP2Allowance {
            HTTP2Allowance(budget, milliseconds: milliseconds)
        }
        resets = full(budgets.resets)
        settings = full(budgets.settings)
        pings = full(budgets.pings)
        priorities = full(budgets.priorities)
        emptyData = full(budgets.emptyData)
        windowUpdates = full(budgets.windowUpdates)
        unknownFrames = full(budgets.unknownFrames)
        lateFrames = full(budgets.lateFrames)
    }

    /// True exactly while a field section has begun and not ended.
    var isSectionOpen: Bool { continued != 0 }

    /// Takes one from a budget; the fault where nothing is left.
    mutating func spend(_ kind: HTTP2Budgets.Kind, milliseconds: Int64) -> HTTP2Fault? {
        let isLeft =
            switch kind {
            case .resets: resets.take(milliseconds: milliseconds)
            case .settings: settings.take(milliseconds: milliseconds)
            case .pings: pings.take(milliseconds: milliseconds)
            case .priorities: priorities.take(milliseconds: milliseconds)
            case .emptyData: emptyData.take(milliseconds: milliseconds)
            case .windowUpdates: windowUpdates.take(milliseconds: milliseconds)
            case .unknownFrames: unknownFrames.take(milliseconds: milliseconds)
            case .lateFrames: lateFrames.take(milliseconds: milliseconds)
            case .continuations, .fields: false
            }
        return isLeft ? nil : .budget(kind)
    }

    /// So much payload was sent in one DATA frame.
    mutating func noteDataSent(_ count: Int) {
        windowUpdateCredit = min(windowUpdateCredit + 2 + count / 1024, 1 << 20)
        pingCredit = min(pingCredit + 1, 1 << 12)
    }

    private mutating func spendWindowUpdate(_ milliseconds: Int64) -> HTTP2Fault? {
        if windowUpdateCredit == 0 { return spend(.windowUpdates, milliseconds: milliseconds) }
        windowUpdateCredit -= 1
        return nil
    }

    private mutating func spendPing(_ milliseconds: Int64) -> HTTP2Fault? {
        if pingCredit == 0 { return spend(.pings, milliseconds: milliseconds) }
        pingCredit -= 1
        return nil
    }

    /// What is wrong with a frame, if anything is.
    mutating func judge(
        _ frame: HTTP2FrameHeader, _ streams: inout HTTP2StreamTable, milliseconds: Int64
    ) -> HTTP2Fault? {
        // RFC 9113 §4.2
        if frame.length > frameBytes { return .violation(.frameSizeError) }
        // RFC 9113 §6.10: nothing stands between the frames of a field section.
        if continued != 0, frame.kind != .continuation || frame.stream != continued {
            return .violation(.protocolError)
        }
        switch frame.kind {
        case .data: return judgeData(frame, streams, milliseconds)
        case .headers: return judgeHeaders(frame, &streams, milliseconds)
        case .continuation: return judgeContinuation(frame)
        case .priority:
            // The library skips PRIORITY unread once RFC 9218 is in use.
            if frame.stream == 0 { return .violation(.protocolError) }
            if frame.length != 5 { return .violation(.frameSizeError) }
            return spend(.priorities, milliseconds: milliseconds)
        case .priorityUpdate:
            // RFC 9218 §7.1
            if role == .client || frame.stream != 0 { return .violation(.protocolError) }
            if frame.length < 4 { return .violation(.frameSizeError) }
            return spend(.priorities, milliseconds: milliseconds)
        case .resetStream:
            if isIdle(frame.stream, streams) { return .violation(.protocolError) }
            streams.noteResetByPeer(frame.stream)
            return spend(.resets, milliseconds: milliseconds)
        case .windowUpdate:
            if frame.stream != 0, isIdle(frame.stream, streams) {
                return .violation(.protocolError)
            }
            return spendWindowUpdate(milliseconds)
        case .settings:
            let isAnswer = frame.flags & HTTP2FrameHeader.acknowledge != 0
            return isAnswer ? nil : spend(.settings, milliseconds: milliseconds)
        case .ping: return spendPing(milliseconds)
        case .pushPromise: return .violation(.protocolError)
        case .goAway, nil: return spend(.unknownFrames, milliseconds: milliseconds)
        }
    }

    /// RFC 9113 §5.1.1: the peer's numbers only grow; those of the other side are not its to use.
    private func isIdle(_ stream: Int32, _ streams: HTTP2StreamTable) -> Bool {
        stream % 2 == 0 || stream > streams.highest
    }

    private mutating func judgeData(
        _ frame: HTTP2FrameHeader, _ streams: HTTP2StreamTable, _ milliseconds: Int64
    ) -> HTTP2Fault? {
        if isIdle(frame.stream, streams) { return .violation(.protocolError) }
        return judgeLate(frame.stream, streams, milliseconds)
    }

    private mutating func judgeHeaders(
        _ frame: HTTP2FrameHeader, _ streams: inout HTTP2StreamTable, _ milliseconds: Int64
    ) -> HTTP2Fault? {
        if frame.stream % 2 == 0 { return .violation(.protocolError) }
        if frame.stream > streams.highest {
            // Only clients open streams.
            if role == .client { return .violation(.protocolError) }
            streams.noteUsed(frame.stream)
        } else if frame.stream <= streams.lastServed, !streams.isKnown(frame.stream) {
            return .violation(.protocolError)
        } else if let fault = judgeLate(frame.stream, streams, milliseconds) {
            return fault
        }
        if frame.flags & HTTP2FrameHeader.endHeaders == 0 {
            continued = frame.stream
            continuations = 0
        }
        return nil
    }

    private mutating func judgeContinuation(_ frame: HTTP2FrameHeader) -> HTTP2Fault? {
        if continued == 0 { return .violation(.protocolError) }
        continuations += 1
        if continuations > continuationLimit { return .budget(.continuations) }
        if frame.flags & HTTP2FrameHeader.endHeaders != 0 { continued = 0 }
        return nil
    }

    /// RFC 9113 §5.1: behind the peer's own END_STREAM or RST_STREAM nothing may follow; behind our
    /// RST_STREAM comes what was under way, and behind our GOAWAY, too (RFC 9113 §6.8).
    private mutating func judgeLate(
        _ stream: Int32, _ streams: HTTP2StreamTable, _ milliseconds: Int64
    ) -> HTTP2Fault? {
        if stream > streams.lastServed { return spend(.lateFrames, milliseconds: milliseconds) }
        if let slot = streams.find(stream) {
            if streams[slot].peerEnded { return .violation(.streamClosed) }
            return streams[slot].isReset ? spend(.lateFrames, milliseconds: milliseconds) : nil
        }
        switch streams.end(of: stream) {
        case .ended, .resetByPeer: return .violation(.streamClosed)
        case .resetByUs: return spend(.lateFrames, milliseconds: milliseconds)
        case nil:
            return streams.hasForgotten
                ? spend(.lateFrames, milliseconds: milliseconds) : .violation(.streamClosed)
        }
    }
}

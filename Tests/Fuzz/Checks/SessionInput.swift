import HTTP

/// What one input says: three bytes choose the role, what is allowed and how the bytes are to be
/// read, and the rest is what the peer sends.
///
/// The rest is sent as it is, or it is a list of frames with a short head (type, flags, stream,
/// count), which a few changed bytes do not put out of step; in it types from 0xf0 are no frames,
/// but what our side does then.
struct SessionInput {
    /// What happens next.
    enum Step {
        case sent([UInt8])
        case done(SessionAction)
    }

    /// Whose side is tried.
    let role: HTTP2Role
    /// True exactly when the peer begins as it should, so that the frames get further.
    let hasOpening: Bool
    /// True exactly when requests are answered when they have come whole.
    let answers: Bool
    /// What is announced.
    let settings: HTTP2Settings
    /// How often the peer may be a nuisance.
    let budgets: HTTP2Budgets
    /// What happens, in its order.
    let steps: [Step]

    /// Reads an input; nil where it is too short to choose.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 3 else { return nil }
        role = bytes[0] & 1 == 0 ? .server : .client
        hasOpening = bytes[0] & 2 == 0
        answers = bytes[0] & 8 != 0
        settings = SessionInput.settings(bytes[1])
        budgets = SessionInput.budgets(bytes[2])
        let rest = bytes.dropFirst(3)
        steps = bytes[0] & 4 == 0 ? SessionInput.steps(rest) : [.sent(Array(rest))]
    }

    /// All that the peer sends.
    var wire: [UInt8] {
        var wire: [UInt8] = []
        for case .sent(let bytes) in steps { wire += bytes }
        return wire
    }

    /// What a peer begins with.
    var opening: [UInt8] {
        guard hasOpening else { return [] }
        let preface = role == .server ? Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) : []
        return preface + [0, 0, 0, 4, 0, 0, 0, 0, 0] + [0, 0, 0, 4, 1, 0, 0, 0, 0]
    }

    private static func settings(_ choice: UInt8) -> HTTP2Settings {
        var settings = HTTP2Settings()
        if choice & 1 != 0 { settings.streamWindow = 64 }
        if choice & 2 != 0 { settings.concurrentStreams = 2 }
        if choice & 4 != 0 { settings.heldHeadBytes = 256 }
        if choice & 8 != 0 { settings.headerListBytes = 512 }
        if choice & 16 != 0 { settings.allowsExtendedConnect = false }
        if choice & 32 != 0 { settings.headerTableBytes = 0 }
        if choice & 64 != 0 { settings.encoderTableBytes = 0 }
        if choice & 128 != 0 { settings.connectionWindow = 65_535 }
        return settings
    }

    private static func budgets(_ choice: UInt8) -> HTTP2Budgets {
        var budgets = HTTP2Budgets()
        let few = HTTP2Budget(burst: 3, perSecond: 1)
        if choice & 1 != 0 { (budgets.resets, budgets.lateFrames) = (few, few) }
        if choice & 2 != 0 { (budgets.settings, budgets.pings) = (few, few) }
        if choice & 4 != 0 { (budgets.priorities, budgets.windowUpdates) = (few, few) }
        if choice & 8 != 0 { (budgets.emptyData, budgets.unknownFrames) = (few, few) }
        return budgets
    }

    private static func steps(_ bytes: ArraySlice<UInt8>) -> [Step] {
        var rest = bytes
        var steps: [Step] = []
        while rest.count >= 4 {
            let head = Array(rest.prefix(4))
            rest = rest.dropFirst(4)
            let payload = Array(rest.prefix(Int(head[3])))
            rest = rest.dropFirst(payload.count)
            if head[0] >= 0xf0 {
                steps.append(
                    .done(
                        SessionAction(
                            number: head[0] & 15, argument: head[1], stream: Int32(head[2]),
                            payload: payload)))
            } else {
                let start = [0, 0, UInt8(payload.count), head[0], head[1], 0, 0, 0, head[2]]
                steps.append(.sent(start + payload))
            }
        }
        return steps
    }
}

/// Something that our side does between frames.
struct SessionAction {
    /// What it is: see `SessionRun.act`.
    let number: UInt8
    /// How it is done.
    let argument: UInt8
    /// The stream that it is done to.
    let stream: Int32
    /// Of what use it is depends on what is done.
    let payload: [UInt8]
}

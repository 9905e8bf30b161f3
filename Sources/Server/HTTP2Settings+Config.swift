internal import Config
internal import HTTP

extension HTTP2Settings {
    /// What the configuration says.
    init(_ config: HTTP2Config, _ limits: LimitConfig) {
        self.init()
        concurrentStreams = config.concurrentStreams
        streamWindow = config.streamWindow
        connectionWindow = config.connectionWindow
        headerListBytes = limits.requestHead
        headerTableBytes = config.headerTable
        heldHeadBytes = config.heldHeads
    }
}

extension HTTP2Budgets {
    /// What the configuration says.
    init(_ config: HTTP2BudgetConfig) {
        self.init()
        resets = HTTP2Budget(config.resets)
        settings = HTTP2Budget(config.settings)
        pings = HTTP2Budget(config.pings)
        priorities = HTTP2Budget(config.priorities)
        emptyData = HTTP2Budget(config.emptyData)
        windowUpdates = HTTP2Budget(config.windowUpdates)
        unknownFrames = HTTP2Budget(config.unknownFrames)
        lateFrames = HTTP2Budget(config.lateFrames)
        continuations = config.continuations
    }
}

extension HTTP2Budget {
    fileprivate init(_ config: RateConfig) {
        self.init(burst: config.burst, perSecond: config.perSecond)
    }
}

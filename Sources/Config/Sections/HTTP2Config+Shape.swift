extension HTTP2Config {
    /// The keys of `http2`.
    static let shape = Shape(
        HTTP2Config(),
        keys: [
            Key("concurrent_streams", \.concurrentStreams, .integer(1...10_000)),
            Key("stream_window", \.streamWindow, .size(65_535...1 << 30)),
            Key("connection_window", \.connectionWindow, .size(65_535...1 << 30)),
            Key("header_table", \.headerTable, .size(0...65_536)),
            Key("held_heads", \.heldHeads, .size(65_536...1 << 30)),
            Key("budgets", \.budgets, .section(HTTP2BudgetConfig.shape)),
        ])
}

extension HTTP2BudgetConfig {
    /// The keys of `http2.budgets`.
    static let shape = Shape(
        HTTP2BudgetConfig(),
        keys: [
            Key("resets", \.resets, .section(RateConfig.shape(200, 20))),
            Key("settings", \.settings, .section(RateConfig.shape(20, 2))),
            Key("pings", \.pings, .section(RateConfig.shape(50, 10))),
            Key("priorities", \.priorities, .section(RateConfig.shape(500, 50))),
            Key("empty_data", \.emptyData, .section(RateConfig.shape(100, 10))),
            Key("window_updates", \.windowUpdates, .section(RateConfig.shape(1000, 1000))),
            Key("unknown_frames", \.unknownFrames, .section(RateConfig.shape(100, 10))),
            Key("late_frames", \.lateFrames, .section(RateConfig.shape(2000, 200))),
            Key("continuations", \.continuations, .integer(0...1000)),
        ])
}

extension RateConfig {
    /// The keys of a rate with these defaults.
    static func shape(_ burst: Int, _ perSecond: Int) -> Shape<RateConfig> {
        Shape(
            RateConfig(perSecond: perSecond, burst: burst),
            keys: [
                Key("burst", \.burst, .integer(1...1_000_000)),
                Key("per_second", \.perSecond, .integer(0...1_000_000)),
            ])
    }
}

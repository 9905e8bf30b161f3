import Testing

@testable import Telemetry

@Suite("Lost lines")
struct LostLinesTests {
    @Test("The count is that of all logs and outlives them")
    func shared() throws {
        let registry = MetricsRegistry()
        for _ in 0..<2 {
            let sink = try LogSink(destination: .file("/dev/full"), lost: registry.lostLines)
            EventLog(sink: sink, minimum: .info).emit(.info, .logReopened)
            sink.flushAndStop()
        }
        #expect(registry.lostLines.count == 2)
        let text = try ExpositionText(registry.render(.prometheus))
        #expect(text["martlet_log_lines_dropped_total"] == 2)
    }
}

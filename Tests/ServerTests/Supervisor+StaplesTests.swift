import Testing

@testable import Server
@testable import Telemetry

struct SupervisorStaplesTests {
    private static func record(_ source: StapleRecord.Source?) -> StapleRecord {
        var record = StapleRecord()
        record.source = source
        return record
    }

    /// Each restart asked every responder again, and nothing said why.
    @Test(
        "Who fetches staples and has no folder to keep them in is told what to set",
        arguments: [
            (nil, [.file, .fetched], true), (nil, [.file, nil], false), (nil, [], false),
            ("/state", [.fetched], false),
        ] as [(String?, [StapleRecord.Source?], Bool)])
    func loss(state: String?, sources: [StapleRecord.Source?], isTold: Bool) {
        let text = Supervisor.lossOfStaples(
            state: state, sources.map(SupervisorStaplesTests.record))
        #expect((text != nil) == isTold)
        #expect(text?.contains("StateDirectory=martlet") ?? !isTold)
        #expect(text?.contains("XDG_STATE_HOME") ?? !isTold)
    }
}

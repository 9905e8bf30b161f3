internal import Certificates
internal import Telemetry

extension Supervisor {
    /// Says so where staples are fetched and nothing keeps them over a restart.
    func warnOfLostStaples() {
        let records = Array(registry.stapleRecords.values)
        guard let text = Supervisor.lossOfStaples(state: StateDirectory.path(), records) else {
            return
        }
        events.emit(.warning, .configWarning, ("text", .text(text)))
    }

    /// What to say where staples are fetched and there is no folder to keep them in; nil elsewhere.
    static func lossOfStaples(state: String?, _ records: [StapleRecord]) -> String? {
        guard state == nil, records.contains(where: { $0.source == .fetched }) else { return nil }
        return "OCSP staples are lost with this process: no environment variable names a folder to "
            + "keep them in; set StateDirectory=martlet in the unit, or XDG_STATE_HOME"
    }
}

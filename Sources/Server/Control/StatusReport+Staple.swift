internal import Platform
internal import TLS
internal import Telemetry

extension StatusReport {
    /// The OCSP staple of a certificate.
    struct Staple: Sendable, Equatable {
        /// What clients are sent, and why.
        enum State: String, Sendable, CaseIterable {
            /// Nothing: there is no responder and no file, or stapling is switched off.
            case none
            /// Nothing yet: no response has come so far, good or bad.
            case waiting
            /// A response that says that the certificate is good.
            case good
            /// Nothing: the certificate is revoked.
            case revoked
            /// Nothing: what came was of no use, or has expired.
            case failed
        }

        /// What clients are sent.
        var state = State.none

        /// Where staples come from; nil where there are none.
        var source: StapleRecord.Source?

        /// From when on the staple is right; nil where there is none.
        var thisUpdate: WallTime?

        /// Until when the staple is sent; nil where there is none.
        var nextUpdate: WallTime?

        /// What went wrong last; nil once a good response has come.
        var lastError: StapleRecord.Trouble?
    }
}

extension StatusReport.Staple {
    /// Describes what a certificate has at `now`, and what is known of the attempts to get it.
    init(_ staple: OCSPStaple?, _ record: StapleRecord?, now: WallTime) {
        guard let record, let source = record.source else { return }
        self.source = source
        lastError = record.trouble
        if let staple, staple.isCurrent(at: now.seconds) {
            state = .good
            thisUpdate = WallTime(seconds: staple.thisUpdate)
            nextUpdate = WallTime(seconds: staple.nextUpdate)
        } else if record.isRevoked {
            state = .revoked
        } else {
            state = staple == nil && record.trouble == nil ? .waiting : .failed
        }
    }

    /// Writes the members of a JSON object.
    func write(to writer: inout JSONWriter) {
        writer.member("state", state.rawValue)
        writer.member("source", source?.rawValue)
        writer.member("this_update", thisUpdate?.iso8601)
        writer.member("next_update", nextUpdate?.iso8601)
        writer.member("last_error", lastError?.reason)
        writer.member("last_error_at", lastError?.time.iso8601)
    }
}

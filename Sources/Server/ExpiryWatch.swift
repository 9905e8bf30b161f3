internal import Telemetry

/// Says which certificates and revocation lists expire soon or have expired, and when to look
/// again.
///
/// It goes by the time of the day that it is told, so that a machine that slept, or a clock that
/// was set, puts nothing off. Control thread only.
struct ExpiryWatch {
    /// What can expire, once however many sites and backends have it.
    struct Subject: Equatable {
        /// What it is, and what it is known by.
        enum Kind: Equatable {
            case certificate(serial: String)
            case revocationList(issuer: String)
        }

        let kind: Kind
        /// The first that has it.
        let owner: CertificateOwner
        /// The file that it stands in.
        let path: String
        /// When it expires, in seconds since 1970.
        let end: Int64
        /// How many seconds before its end it is warned of.
        let warning: Int64

        /// True exactly when it is of no use any more.
        func isExpired(_ now: Int64) -> Bool { end <= now }
    }

    private var subjects: [Subject] = []
    private var lookedAt = Int64.max
    private var next = Int64.max

    /// Watches these from now on, in place of those before.
    mutating func watch(_ subjects: [Subject]) { self.subjects = subjects }

    /// True exactly when it is time to look: a day has passed, or something has come to its warning
    /// or its end, or the clock was set back.
    func isDue(_ now: Int64) -> Bool { now >= next || now < lookedAt && next < .max }

    /// Those that are to be spoken of.
    mutating func look(_ now: Int64) -> [Subject] {
        lookedAt = now
        next = now + ExpiryWatch.interval
        for subject in subjects {
            for turn in [subject.end - subject.warning + 1, subject.end] where turn > now {
                next = min(next, turn)
            }
        }
        return subjects.filter { $0.isExpired(now) || $0.end - now < $0.warning }
    }

    /// A day: who reads logs reads them daily.
    static let interval: Int64 = 86_400
}

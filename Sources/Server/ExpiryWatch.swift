/// Says which certificates expire soon or have expired, and when to look again.
///
/// It goes by the time of the day that it is told, so that a machine that slept, or a clock that was
/// set, puts nothing off. Control thread only.
struct ExpiryWatch {
    /// A certificate in service, once however many sites show it.
    struct Certificate: Equatable {
        /// The first site that shows it.
        let site: String
        let serial: String
        /// The file that it stands in.
        let path: String
        /// When it expires, in seconds since 1970.
        let notAfter: Int64

        /// True exactly when no client takes it any more.
        func isExpired(_ now: Int64) -> Bool { notAfter <= now }
    }

    private var certificates: [Certificate] = []
    private var warning: Int64 = 0
    private var lookedAt = Int64.max
    private var next = Int64.max

    /// Watches these from now on, in place of those before.
    ///
    /// - Parameter warning: how many seconds before its end a certificate is warned of.
    mutating func watch(_ certificates: [Certificate], warning: Int64) {
        self.certificates = certificates
        self.warning = warning
    }

    /// True exactly when it is time to look: a day has passed, or a certificate has come to its
    /// warning or its end, or the clock was set back.
    func isDue(_ now: Int64) -> Bool { now >= next || now < lookedAt && next < .max }

    /// Those that are to be spoken of.
    mutating func look(_ now: Int64) -> [Certificate] {
        lookedAt = now
        next = now + ExpiryWatch.interval
        for certificate in certificates {
            for turn in [certificate.notAfter - warning + 1, certificate.notAfter] where turn > now
            {
                next = min(next, turn)
            }
        }
        return certificates.filter { $0.isExpired(now) || $0.notAfter - now < warning }
    }

    /// A day: who reads logs reads them daily.
    static let interval: Int64 = 86_400
}

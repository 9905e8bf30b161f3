public import Platform

/// What is known of the attempts to staple one certificate; the staple itself lies elsewhere.
public struct StapleRecord: Sendable, Equatable {
    /// Where staples come from.
    public enum Source: String, Sendable, CaseIterable {
        /// The responder of the certificate's authority, or what it said to an earlier process.
        case fetched
        /// A file of the operator.
        case file
    }

    /// Why there is no better staple than there is.
    public struct Trouble: Sendable, Equatable {
        /// When it was noticed.
        public let time: WallTime
        /// For people.
        public let reason: String
        /// True exactly when the authority has revoked the certificate.
        public let isRevocation: Bool

        /// Describes what went wrong.
        public init(time: WallTime, reason: String, isRevocation: Bool = false) {
            self.time = time
            self.reason = reason
            self.isRevocation = isRevocation
        }
    }

    /// Where the staple is from; nil where nobody looks after it.
    public internal(set) var source: Source?
    /// What went wrong last; nil once a good response has come.
    public internal(set) var trouble: Trouble?
    /// True exactly when the last word of the authority was that the certificate is revoked,
    /// whatever has gone wrong since.
    public internal(set) var isRevoked = false

    /// Makes a record of nothing.
    init() {}
}

internal import Config

/// One backend: its servers, and how they are looked after.
struct HealthGroup: Sendable {
    let backend: String
    let servers: [HealthSubject]
    var check: HealthConfig?
    var outliers: OutlierConfig?
    /// In percent; 0 for never.
    var panicThreshold = 0

    /// True exactly when there is anything to do.
    var isLookedAfter: Bool { check != nil || outliers != nil }
}

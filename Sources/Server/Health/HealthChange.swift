internal import Platform
internal import Telemetry

/// Something that has happened to the health of a server or backend.
enum HealthChange: Sendable, Equatable {
    /// How many servers of a backend are well, of how many.
    struct Share: Sendable, Equatable {
        let well: Int
        let all: Int
    }

    /// So many checks in a row have passed.
    case up(HealthSubject, checks: Int, Share)
    /// So many checks in a row have failed, the last for this cause.
    case down(HealthSubject, checks: Int, cause: String, Share)
    /// It has failed so many of so many requests that it is left out for a while.
    case ejected(
        HealthSubject, EjectionCause, failures: Int, requests: Int, during: Duration, Share)
    /// That time is over.
    case readmitted(HealthSubject, Share)
    /// All servers of a backend are used because few are well, or no more.
    case panic(backend: String, Bool, Share)
}

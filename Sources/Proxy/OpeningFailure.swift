internal import Platform

/// Why a connect has failed at once.
struct OpeningFailure: Error {
    /// What the system says.
    let cause: SystemError
    /// True exactly when something is short on our side, which says nothing of the server.
    let isOurs: Bool
}

/// What an operator asks of one server of a backend.
struct ServerCommand: Sendable, Equatable {
    /// The backend's name.
    let backend: String
    /// The server as configured.
    let server: String
    /// True exactly when it is to take no new clients.
    let isDrain: Bool
}

/// What a command to a server came to.
struct ServerOutcome: Sendable, Equatable {
    /// True exactly when it was done, now or before.
    let ok: Bool
    /// What to tell the operator, in one line.
    let text: String
}

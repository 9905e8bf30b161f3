/// Who may ask, by name and password (RFC 7617).
public struct BasicAuthConfig: Sendable, Equatable {
    /// What the client is told that the password is for.
    public var realm: String
    /// The accounts in the file of the configuration.
    public var users: [PasswordEntry]
    /// The file of further accounts, as `htpasswd` writes it; nil where there is none.
    public var file: FileReference?
    /// True exactly when the backend gets `Authorization`, too.
    public var passes: Bool

    /// Makes the value; what is left out has its default.
    public init(
        realm: String = "restricted", users: [PasswordEntry] = [], file: FileReference? = nil,
        passes: Bool = false
    ) {
        self.realm = realm
        self.users = users
        self.file = file
        self.passes = passes
    }
}

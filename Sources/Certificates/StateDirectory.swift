internal import Platform

/// The folder where Martlet keeps what must outlive it: the development authority, and later
/// accounts and staples.
public enum StateDirectory {
    /// The folder, whether it exists or not, or nil if the environment names none.
    ///
    /// In this order: the first of `$STATE_DIRECTORY`, which systemd sets to a list that colons
    /// part; `$XDG_STATE_HOME/martlet`; `~/.local/state/martlet`. Empty and, as their
    /// specification has it, relative values of `$XDG_STATE_HOME` count as missing.
    public static func path() -> String? { path(Environment.value) }

    /// The folder in an environment that `value` looks up.
    static func path(_ value: (String) -> String?) -> String? {
        let listed = (value("STATE_DIRECTORY") ?? "").split(separator: ":").first
        if let listed { return String(listed) }
        if let state = value("XDG_STATE_HOME"), state.hasPrefix("/") { return "\(state)/martlet" }
        guard let home = value("HOME"), home.hasPrefix("/") else { return nil }
        return "\(home)/.local/state/martlet"
    }
}

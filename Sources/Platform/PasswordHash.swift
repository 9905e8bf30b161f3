internal import CLinux

/// Passwords and what is kept of them, by the system's `crypt` (libxcrypt).
public enum PasswordHash {
    /// True exactly when `password` is the one that `hash` was made of; takes as long as the hash
    /// is meant to, so not on a thread that serves.
    public static func matches(_ password: [UInt8], hash: String) -> Bool {
        // The library reads to the first zero byte, and would take the begin for all.
        guard password.count < longestPassword, !password.contains(0) else { return false }
        let terminated = password + [0]
        // SAFETY: owner: this frame; bound: both texts end in a zero byte, and the library copies
        // nothing that outlives the call.
        return unsafe terminated.withUnsafeBufferPointer { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) { text in
                guard let start = text.baseAddress else { return false }
                return unsafe martlet_password_matches(start, hash) == 1
            }
        }
    }

    /// What the library takes, its terminator included; SHA-crypt costs the square of it.
    public static let longestPassword = 512
}

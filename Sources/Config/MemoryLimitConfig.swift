/// How much memory the process may take before load is shed.
public enum MemoryLimitConfig: Sendable, Equatable {
    /// A share of what the control group allows; no limit where it allows anything.
    case auto
    /// No limit.
    case off
    /// So many bytes.
    case bytes(Int)
}

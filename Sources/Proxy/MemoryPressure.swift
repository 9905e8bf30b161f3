/// How far the memory of the process is from its limit, and what workers do about it.
public enum MemoryPressure: Int, Sendable, Comparable, CaseIterable {
    /// All is served.
    case none
    /// New connections are closed at once, and idle ones, oldest first.
    case high
    /// Requests are refused, too.
    case critical

    /// Orders by how little memory is left.
    public static func < (left: MemoryPressure, right: MemoryPressure) -> Bool {
        left.rawValue < right.rawValue
    }

    /// As logs write it.
    public var label: StaticString {
        switch self {
        case .none: "none"
        case .high: "high"
        case .critical: "critical"
        }
    }
}

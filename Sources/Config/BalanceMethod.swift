/// Which of a backend's servers is next.
public enum BalanceMethod: Sendable, Equatable {
    /// Each in turn.
    case roundRobin
    /// The one with the fewest requests under way.
    case leastConnections
    /// Of two that are drawn, the one that answers sooner.
    case powerOfTwo
    /// The one that the request's key belongs to.
    case hash(Key)

    /// What makes requests belong together.
    public enum Key: Sendable, Equatable {
        /// The value of a field.
        case header(String)
        /// The value of a cookie.
        case cookie(String)
        /// The client's address.
        case clientAddress
    }
}

/// Why a snapshot is built: it decides what a name that nobody knows means.
enum BuildOccasion: Sendable {
    /// Nothing is served yet: whoever refused to start for one name would take all sites down.
    case start
    /// `martlet check`: somebody looks, and nothing is lost.
    case check
    /// A reload: somebody looks, and what is served goes on being served.
    case reload
    /// Files that the configuration names have changed; the configuration is the same.
    case renewal
}

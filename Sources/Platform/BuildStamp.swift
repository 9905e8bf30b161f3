internal import CLinux

/// What the build was told about itself.
public enum BuildStamp {
    /// The commit that was built, with a plus sign where the tree differed from it; "unknown"
    /// outside a repository.
    public static var commit: String {
        // SAFETY: lifetime: a constant of the program; bound: its final zero.
        unsafe String(cString: martlet_commit())
    }
}

/// Whether a server is up by its checks: it changes after so many in a row that say otherwise, so
/// that one lost packet takes no server out and one lucky answer brings none back.
///
/// It begins up, since a restart must not take a site down until everything has been asked; the
/// first check decides alone.
struct RiseAndFall: Sendable, Equatable {
    private(set) var isUp: Bool
    /// False exactly until the first check has ended.
    private(set) var isDecided = false
    /// How many checks in a row have said otherwise.
    private(set) var row = 0

    init(isUp: Bool = true) { self.isUp = isUp }

    /// Takes in how a check ended.
    ///
    /// - Returns: after how many checks in a row `isUp` has changed; nil if it has not.
    mutating func record(passed: Bool, rise: Int, fall: Int) -> Int? {
        let isFirst = !isDecided
        isDecided = true
        guard passed != isUp else {
            row = 0
            return nil
        }
        row += 1
        guard isFirst || row >= (isUp ? fall : rise) else { return nil }
        defer { row = 0 }
        isUp = passed
        return row
    }
}

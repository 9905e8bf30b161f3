internal import Platform

/// How many further attempts the requests of one backend may have: a share of the requests of the
/// last seconds, so that servers in trouble are not asked many times over, and a few in any case.
///
/// The window slides: what came in the present ten seconds counts fully, and of the ten seconds
/// before that the part that the window still covers.
struct RetryBudget: Equatable, Sendable {
    /// How many percent of the requests; nil for any number.
    var percent: Int?
    /// The number of the present ten seconds.
    private var window: Int64 = 0
    private var requests = (present: 0, before: 0)
    private var retries = (present: 0, before: 0)

    /// Compares everything.
    static func == (left: RetryBudget, right: RetryBudget) -> Bool {
        left.percent == right.percent && left.window == right.window
            && left.requests == right.requests && left.retries == right.retries
    }

    init(percent: Int?) { self.percent = percent }

    /// Counts a request.
    mutating func count(now: MonotonicTime) {
        slide(now)
        requests.present += 1
    }

    /// Takes a further attempt; false where there are none left.
    mutating func take(now: MonotonicTime) -> Bool {
        guard let percent else { return true }
        guard percent > 0 else { return false }
        slide(now)
        let rest = RetryBudget.length - Int(now.nanoseconds % Int64(RetryBudget.length))
        let asked = requests.present + RetryBudget.part(rest, of: requests.before)
        let taken = retries.present + RetryBudget.part(rest, of: retries.before)
        guard taken < max(RetryBudget.floor, asked * percent / 100) else { return false }
        retries.present += 1
        return true
    }

    private mutating func slide(_ now: MonotonicTime) {
        let next = now.nanoseconds / Int64(RetryBudget.length)
        guard next != window else { return }
        let isNext = next == window + 1
        requests = (0, isNext ? requests.present : 0)
        retries = (0, isNext ? retries.present : 0)
        window = next
    }

    private static func part(_ rest: Int, of count: Int) -> Int {
        count * (rest / 1_000_000) / (length / 1_000_000)
    }

    /// How many nanoseconds the window has.
    private static let length = 10_000_000_000
    /// How many attempts there are in a window in any case: ten in each second.
    static let floor = 100
}

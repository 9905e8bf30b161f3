internal import Config
internal import Platform
internal import Proxy

/// What is known of one server.
struct HealthRecord {
    private(set) var subject: HealthSubject
    /// How it is checked; nil for not at all.
    private(set) var check: HealthConfig?
    /// The index of its backend.
    var group: Int
    var counter = RiseAndFall()
    var backoff = EjectionBackoff()
    /// Until when it is left out; nil while it is not.
    var ejectedUntil: MonotonicTime?
    /// Since when it takes requests again.
    var risenAt: MonotonicTime?
    /// Since when it is in its state.
    var since: WallTime
    var lastCheck: WallTime?
    /// What was wrong with it in the last check; nil if nothing was.
    var lastError: String?
    /// True exactly when the last check does not say that it still fails: it passed, or nobody
    /// listened.
    var mayBeBack = false

    /// True exactly when a check has ever passed at its address.
    private var wasWell = false
    /// How many checks in a row could not be made for want of an address to connect from.
    private var unmade = 0

    init(_ subject: HealthSubject, _ check: HealthConfig?, group: Int, now: WallTime) {
        self.subject = subject
        self.check = check
        self.group = group
        since = now
    }

    /// True exactly when it should get requests.
    var isWell: Bool { counter.isUp && ejectedUntil == nil }

    /// Takes over what a new configuration says; what was known of another address is forgotten,
    /// and what was found by another check is judged by the first of the new ones.
    ///
    /// - Returns: true exactly when the server is to be checked at once.
    mutating func adopt(_ next: HealthSubject, _ nextCheck: HealthConfig?, now: WallTime) -> Bool {
        guard next != subject || nextCheck != check else {
            // Its TLS may stand in another object.
            subject = next
            return false
        }
        let isSame = next.address == subject.address
        let isUp = counter.isUp || nextCheck == nil || !isSame
        if isUp != counter.isUp { since = now }
        counter = RiseAndFall(isUp: isUp)
        if !isSame {
            ejectedUntil = nil
            backoff = EjectionBackoff()
            risenAt = nil
            wasWell = false
        }
        unmade = 0
        lastCheck = nil
        lastError = nil
        mayBeBack = false
        subject = next
        check = nextCheck
        return true
    }

    /// True exactly when a connect that has failed at once, by `error`, is a verdict.
    ///
    /// Want of descriptors or memory here says nothing of the server. Want of an address to connect
    /// from may be want of ports, which says nothing either, or this machine does not speak the
    /// server's family: then the server was never well, or is not for long.
    mutating func isJudged(by error: SystemError) -> Bool {
        guard error.isAddressShortage else { return !error.isShortage }
        unmade += 1
        return !wasWell || unmade > HealthRecord.mostUnmade
    }

    /// A check has passed.
    mutating func passed() {
        wasWell = true
        unmade = 0
    }

    /// How many checks in a row may find no address to connect from before that is a verdict.
    private static let mostUnmade = 10

    /// What workers are told.
    func standing(isInPanic: Bool) -> ServerStanding {
        var standing = ServerStanding()
        standing.isCheckedDown = !counter.isUp
        standing.mayBeBack = mayBeBack
        standing.isInPanic = isInPanic
        if let ejectedUntil { standing.ejectedUntil = ejectedUntil }
        standing.risenAt = risenAt
        return standing
    }

    /// What operators are told.
    var status: HealthStatus {
        HealthStatus(
            state: !counter.isUp ? .down : ejectedUntil != nil ? .ejected : .up, since: since,
            isChecked: check != nil, lastCheck: lastCheck, lastError: lastError)
    }
}

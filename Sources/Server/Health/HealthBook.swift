internal import Config
internal import Platform
internal import Proxy
internal import Telemetry

/// Everything that is known of the health of servers, and all that is decided about it.
///
/// It does no I/O and has no clock: what checks and workers find is handed to it with the time, and
/// what follows is taken out of it.
struct HealthBook {
    /// The present by both clocks.
    struct Moment {
        let monotonic: MonotonicTime
        let wall: WallTime
    }

    /// What somebody has to be told.
    struct News {
        /// In their order.
        var changes: [HealthChange] = []
        /// The servers of which workers and operators are told anew.
        var places: Set<Int> = []
    }

    private(set) var groups: [HealthGroup] = []
    /// By place; nil where a place is free.
    private var records: [HealthRecord?] = []
    private var places: [ServerLabel: Int] = [:]
    private var free: [Int] = []
    /// The places of servers that are left out.
    private var ejected: Set<Int> = []
    /// The backends in panic, by their names: it outlives a reload.
    private var panicking: Set<String> = []
    private var news = News()
    /// From 0 up to 1, each time another.
    private let chance: () -> Double

    init(chance: @escaping () -> Double = { Double.random(in: 0..<1) }) {
        self.chance = chance
    }

    /// What is known of the server at a place; nil where there is none any more.
    func record(_ place: Int) -> HealthRecord? {
        place < records.count ? records[place] : nil
    }

    /// What workers are told of the server at a place.
    func standing(_ place: Int) -> ServerStanding? {
        record(place).map {
            $0.standing(isInPanic: panicking.contains(groups[$0.group].backend))
        }
    }

    /// What is new since the last time.
    mutating func takeNews() -> News {
        defer { news = News() }
        return news
    }

    /// Looks after these backends from now on; what is known of servers that stay is kept.
    ///
    /// - Returns: the places of servers to be checked at once, and those given up.
    mutating func adopt(_ groups: [HealthGroup], _ now: Moment) -> (fresh: [Int], left: [Int]) {
        self.groups = groups
        var fresh: [Int] = []
        var seen: Set<Int> = []
        for (index, group) in groups.enumerated() {
            for subject in group.servers {
                let (place, isFresh) = take(subject, group, index, now.wall)
                guard seen.insert(place).inserted else { continue }
                if isFresh { fresh.append(place) }
            }
        }
        let left = places.filter { !seen.contains($0.value) }
        for (label, place) in left {
            places[label] = nil
            records[place] = nil
            ejected.remove(place)
            free.append(place)
        }
        // Workers may have begun with what was known before: all are told anew.
        news.places.formUnion(seen)
        news.places.subtract(left.values)
        panicking.formIntersection(groups.map(\.backend))
        for index in groups.indices { judgePanic(index) }
        return (fresh, Array(left.values))
    }

    private mutating func take(
        _ subject: HealthSubject, _ group: HealthGroup, _ index: Int, _ now: WallTime
    ) -> (place: Int, isFresh: Bool) {
        guard let place = places[subject.label] else {
            let place = free.popLast() ?? records.count
            if place == records.count { records.append(nil) }
            records[place] = HealthRecord(subject, group.check, group: index, now: now)
            places[subject.label] = place
            return (place, true)
        }
        records[place]?.group = index
        let isFresh = records[place]?.adopt(subject, group.check, now: now) ?? false
        if group.outliers == nil { records[place]?.ejectedUntil = nil }
        if records[place]?.ejectedUntil == nil { ejected.remove(place) }
        return (place, isFresh)
    }

    /// Takes in how a check ended.
    mutating func finished(_ place: Int, _ verdict: CheckVerdict, _ now: Moment) {
        guard var record = record(place), let check = record.check else { return }
        record.lastCheck = now.wall
        record.lastError = verdict.isPassed ? nil : verdict.cause
        if verdict.isPassed { record.passed() }
        let mayBeBack = verdict.isPassed || verdict.isRefusal
        if record.mayBeBack != mayBeBack {
            record.mayBeBack = mayBeBack
            news.places.insert(place)
        }
        let checks = record.counter.record(
            passed: verdict.isPassed, rise: check.rise, fall: check.fall)
        if checks != nil {
            record.since = now.wall
            if verdict.isPassed { record.risenAt = now.monotonic }
        }
        records[place] = record
        guard let checks else { return }
        let share = share(record.group)
        let change: HealthChange =
            verdict.isPassed
            ? .up(record.subject, checks: checks, share)
            : .down(record.subject, checks: checks, cause: verdict.cause, share)
        announce(change, place)
    }

    /// True exactly when a connect that has failed at once, by `error`, is a verdict on a server.
    mutating func isJudged(_ place: Int, by error: SystemError) -> Bool {
        guard var record = record(place) else { return false }
        let isJudged = record.isJudged(by: error)
        records[place] = record
        return isJudged
    }

    /// Takes in that a worker has seen a server fail.
    ///
    /// It stays where too few would be left: a failing server is better than none.
    mutating func report(_ report: OutlierReport, _ now: Moment) {
        guard let place = places[report.server], var record = record(place), record.isWell,
            let rules = groups[record.group].outliers
        else { return }
        let before = share(record.group)
        guard before.well > 1, (before.well - 1) * 100 >= rules.minimumShare * before.all else {
            return
        }
        let end = record.backoff.eject(
            base: rules.ejection, most: rules.maxEjection, now: now.monotonic, chance: chance())
        record.ejectedUntil = end
        record.risenAt = end
        record.since = now.wall
        records[place] = record
        ejected.insert(place)
        announce(
            .ejected(
                record.subject, report.cause, failures: report.failures,
                requests: report.requests, during: end - now.monotonic, share(record.group)),
            place)
    }

    /// Lets servers back in whose time is over.
    mutating func readmit(_ now: Moment) {
        for place in ejected.sorted() {
            guard var record = record(place), let end = record.ejectedUntil, end <= now.monotonic
            else { continue }
            ejected.remove(place)
            record.ejectedUntil = nil
            record.since = now.wall
            records[place] = record
            announce(.readmitted(record.subject, share(record.group)), place)
        }
    }

    /// When a server is to be let back in; nil while none is left out.
    var nextReadmission: MonotonicTime? {
        ejected.lazy.compactMap { record($0)?.ejectedUntil }.min()
    }

    private mutating func announce(_ change: HealthChange, _ place: Int) {
        news.changes.append(change)
        news.places.insert(place)
        if let record = record(place) { judgePanic(record.group) }
    }

    private func share(_ group: Int) -> HealthChange.Share {
        let members = groups[group].servers.compactMap { places[$0.label].flatMap(record) }
        return HealthChange.Share(well: members.count(where: \.isWell), all: members.count)
    }

    private mutating func judgePanic(_ index: Int) {
        let group = groups[index]
        let share = share(index)
        let isInPanic = share.well * 100 < group.panicThreshold * share.all
        guard isInPanic != panicking.contains(group.backend) else { return }
        if isInPanic {
            panicking.insert(group.backend)
        } else {
            panicking.remove(group.backend)
        }
        news.changes.append(.panic(backend: group.backend, isInPanic, share))
        news.places.formUnion(group.servers.compactMap { places[$0.label] })
    }
}

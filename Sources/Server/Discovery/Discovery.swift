internal import Config
internal import Platform

/// Finds servers: looks names up without keeping anybody waiting, reads files of servers, and knows
/// which backends have other servers than before.
///
/// Control thread only; what asks name servers are the threads of the crew, whose answers come as
/// messages.
final class Discovery {
    /// Makes what asks the name servers of a configuration.
    typealias MakeLookup = (DNSConfig) -> LookupCrew.Lookup

    private let crew: LookupCrew
    private let makeLookup: MakeLookup
    private var lookup: LookupCrew.Lookup
    /// What comes of lookups is said here.
    var journal: DiscoveryJournal

    var book = NameBook()
    var files: ServerFiles
    private var slots: [SlotKey: ServerSlots] = [:]
    private var labels: [String: Set<String>] = [:]

    /// What is being served; nil before anything is.
    private(set) var config: ProxyConfig?
    /// The backends that need each name.
    private(set) var watched: [NameQuestion: Set<Int>] = [:]
    /// Backends whose servers may be others than before.
    private(set) var dirty: Set<Int> = []
    /// The names that something came of since the last report, and whether there are new ones.
    var answered: Set<NameQuestion> = []
    var hasNewNames = false
    /// When names are due at the latest.
    private var dueAt = MonotonicTime.distantFuture
    /// When files that moved are read; nil while none moves.
    private var readsAt: MonotonicTime?
    /// When files are compared although no event told of a change.
    private var comparesAt = MonotonicTime.distantFuture

    private struct SlotKey: Hashable {
        let backend: String
        let server: String
    }

    /// Makes what has found nothing yet.
    ///
    /// - Parameter makeWatcher: asked once files of servers are followed; where it gives nothing,
    ///   they are compared by the clock.
    init(
        _ journal: DiscoveryJournal, makeLookup: @escaping MakeLookup = Discovery.systemLookup,
        makeWatcher: @escaping () -> DirectoryWatcher? = { try? DirectoryWatcher() }
    ) throws(SystemError) {
        self.journal = journal
        self.makeLookup = makeLookup
        lookup = makeLookup(DNSConfig())
        crew = try LookupCrew()
        files = ServerFiles(makeWatcher: makeWatcher)
    }

    /// Asks as the machine does, or whom the configuration names.
    static func systemLookup(_ dns: DNSConfig) -> LookupCrew.Lookup {
        let lookup = NameLookup(servers: dns.servers.compactMap { SocketAddress("\($0)") })
        return { LookupResult.of($0, by: lookup) }
    }

    /// What to poll for reading.
    var rawDescriptors: [CInt] { [crew.answers.rawDescriptor, files.rawDescriptor] }

    /// When `turn` is to be called although nothing is readable.
    var wakeAt: MonotonicTime { min(dueAt, readsAt ?? .distantFuture, comparesAt) }

    // MARK: - Before a snapshot

    /// Finds the servers of a configuration that may be served next: waits for names that nobody
    /// has asked about yet, `patience` at most, and not once the process is to end.
    ///
    /// - Returns: the mistakes in files of servers.
    func prepare(
        _ next: ProxyConfig, _ occasion: BuildOccasion, patience: Duration = Discovery.patience
    ) -> [String] {
        var faults: [String] = []
        for path in Discovery.files(of: next) where occasion != .renewal || files[path] == nil {
            let found = files.read(path, needsHosts: Discovery.needsHosts(path, next))
            journal.noteFile(found)
            faults += found
            // Where the configuration comes to nothing, its file counts all the same.
            dirty.formUnion(backends(of: path))
        }
        awaitNames(of: next, occasion, until: MonotonicTime.now() + patience)
        return faults
    }

    private func awaitNames(
        of next: ProxyConfig, _ occasion: BuildOccasion, until deadline: MonotonicTime
    ) {
        let ask = makeLookup(next.dns)
        var asked: Set<NameQuestion> = []
        var awaited: Set<NameQuestion> = []
        var mayNeedMore = true
        while true {
            if mayNeedMore {
                for question in questions(of: next).keys
                where isWanted(question, occasion) && asked.insert(question).inserted {
                    if book.ask(question) { crew.ask(question, ask) }
                    awaited.insert(question)
                }
            }
            let now = MonotonicTime.now()
            guard !awaited.isEmpty, now < deadline, !Supervisor.isToEnd
            else { return }
            _ = Poll.wait(
                [crew.answers.rawDescriptor], timeout: deadline - now,
                unlessPending: Signal.endings)
            let answers = takeAnswers(MonotonicTime.now())
            awaited.subtract(answers)
            // Services have hosts, which are asked about next.
            mayNeedMore = answers.contains { if case .service = $0 { true } else { false } }
        }
    }

    /// True exactly when a snapshot is better built once something has come of the question.
    private func isWanted(_ question: NameQuestion, _ occasion: BuildOccasion) -> Bool {
        guard let entry = book[question], entry.isSettled else { return true }
        switch occasion {
        case .renewal: return false
        case .start, .check: return entry.answer == nil
        // One that is not looked up again by itself is at a reload.
        case .reload: return entry.answer == nil || entry.dueAt == nil && !entry.isAsked
        }
    }

    /// Follows the names and files of a configuration that is being served from now on.
    func follow(_ config: ProxyConfig, now: MonotonicTime) {
        self.config = config
        lookup = makeLookup(config.dns)
        let paths = Discovery.files(of: config)
        files.follow(paths)
        // They may have changed since they were read.
        comparesAt = paths.isEmpty ? .distantFuture : now
        dirty = dirty.filter { $0 < config.backends.count }
        refollow(now: now)
    }

    /// True exactly when the configuration that is served needs the name.
    func isServed(_ question: NameQuestion) -> Bool { watched[question] != nil }

    // MARK: - While it serves

    /// Takes in answers, reads files that have changed, and asks about names that are due.
    func turn(now: MonotonicTime) {
        takeAnswers(now)
        readFiles(now)
        guard dueAt <= now else { return }
        for question in book.takeDue(now: now) { crew.ask(question, lookup) }
        // Many names are asked about in few turns.
        dueAt = max(book.nextDue ?? .distantFuture, now + Discovery.settling)
    }

    /// The backends whose servers may be others, and that have no name left that nobody has asked
    /// about; they count as followed from now on.
    func takeDirty() -> [Int] {
        guard let config else { return [] }
        let ready = dirty.filter { index in
            questions(of: config.backends[index]).allSatisfy { book[$0]?.isSettled == true }
        }
        dirty.subtract(ready)
        return ready.sorted()
    }

    @discardableResult
    private func takeAnswers(_ now: MonotonicTime) -> Set<NameQuestion> {
        var all: Set<NameQuestion> = []
        var hasServices = false
        for result in crew.answers.drain() {
            let news = book.take(result, now: now)
            let entry = book[result.question]
            journal.note(result, news, known: entry)
            all.insert(result.question)
            if watched[result.question] != nil { answered.insert(result.question) }
            dueAt = min(dueAt, entry?.dueAt ?? .distantFuture)
            // A name that failed may have been the last that a backend waited for.
            let isNews = news != .none && news != .recovered(isChanged: false)
            guard isNews, let backends = watched[result.question] else { continue }
            dirty.formUnion(backends)
            if case .service = result.question { hasServices = true }
        }
        if hasServices { refollow(now: now) }
        return all
    }

    private func readFiles(_ now: MonotonicTime) {
        if Poll.wait([files.rawDescriptor], timeout: .zero)[0] {
            files.drain()
            readsAt = readsAt ?? now + Discovery.settling
        }
        guard (readsAt ?? comparesAt) <= now else { return }
        readsAt = nil
        if comparesAt < .distantFuture { comparesAt = now + Discovery.fallbackInterval }
        let changed = config.map(Discovery.files)?.filter { files.hasChanged($0) } ?? []
        for path in changed.sorted() {
            let needsHosts = config.map { Discovery.needsHosts(path, $0) } ?? false
            let faults = files.read(path, needsHosts: needsHosts)
            journal.noteFile(faults)
            journal.reject(faults)
            if faults.isEmpty { dirty.formUnion(backends(of: path)) }
        }
        if !changed.isEmpty { refollow(now: now) }
    }

    /// The backends that are served and have their servers from a file.
    private func backends(of path: String) -> [Int] {
        (config?.backends ?? []).enumerated().compactMap { index, backend in
            if case .file(let file) = backend.discovery, file.path == path { index } else { nil }
        }
    }

    // MARK: - Names

    /// Follows all names that are needed at the moment.
    private func refollow(now: MonotonicTime) {
        guard let config else { return }
        watched = [:]
        for (index, backend) in config.backends.enumerated() {
            for question in questions(of: backend) {
                watched[question, default: []].insert(index)
            }
        }
        let placed = Set(config.backends.flatMap(slotKeys))
        slots = slots.filter { placed.contains($0.key) }
        book.follow(questions(of: config), now: now)
        dueAt = book.nextDue ?? .distantFuture
        hasNewNames = true
    }

    private func questions(of config: ProxyConfig) -> [NameQuestion: NameBook.Interval] {
        var all: [NameQuestion: NameBook.Interval] = [:]
        for backend in config.backends {
            for question in questions(of: backend) {
                all[question, default: NameBook.Interval()].add(backend.resolve)
            }
        }
        return all
    }

    /// The names that a backend needs; those of its services once they are known.
    func questions(of backend: BackendConfig) -> Set<NameQuestion> {
        var all: Set<NameQuestion> = []
        for server in listed(backend) {
            if case .name(let host, _) = server.address { all.insert(.host(host)) }
        }
        if case .service(let name) = backend.discovery {
            all.insert(.service(name))
            for target in services(name) { all.insert(.target(target.target)) }
        }
        return all
    }

    /// The servers that the configuration or a file lists.
    func listed(_ backend: BackendConfig) -> [ServerConfig] {
        if case .file(let file) = backend.discovery { return files[file.path] ?? [] }
        return backend.servers
    }

    /// The services that are known under a name, the first to try first.
    func services(_ name: String) -> [DNSService] {
        guard case .services(let all) = book[.service(name)]?.answer else { return [] }
        return all.prefix(NameLookup.mostFound).sorted {
            ($0.priority, $0.target, $0.port) < ($1.priority, $1.target, $1.port)
        }
    }

    private static func files(of config: ProxyConfig) -> Set<String> {
        Set(
            config.backends.compactMap { backend in
                if case .file(let file) = backend.discovery { file.path } else { nil }
            })
    }

    /// True exactly when a backend takes the hosts in a file for those of certificates.
    private static func needsHosts(_ path: String, _ config: ProxyConfig) -> Bool {
        config.backends.contains { backend in
            guard case .file(let file) = backend.discovery else { return false }
            return file.path == path && backend.tls?.needsHosts == true
        }
    }

    // MARK: - Labels

    /// Whose addresses have numbers in a backend.
    private func slotKeys(of backend: BackendConfig) -> [SlotKey] {
        var texts = listed(backend).map(\.text)
        switch backend.discovery {
        case .file: texts.append(Discovery.fileSlots)
        case .service(let name): texts.append(name)
        case nil: break
        }
        return texts.map { SlotKey(backend: backend.name, server: $0) }
    }

    /// Gives each address of a server its number.
    func place(
        _ addresses: [SocketAddress], backend: String, server: String,
        atMost limit: Int = Discovery.maximumAddresses
    ) -> [(number: Int, address: SocketAddress)] {
        let key = SlotKey(backend: backend, server: server)
        return slots[key, default: ServerSlots()].place(
            Array(addresses.prefix(limit)))
    }

    /// True exactly when a server from a file may be called by its text: metrics keep names for
    /// ever, so that there must be an end to new ones.
    func mayName(_ text: String, backend: String) -> Bool {
        var known = labels[backend] ?? []
        if known.contains(text) { return true }
        guard known.count < Discovery.maximumLabels else { return false }
        known.insert(text)
        labels[backend] = known
        return true
    }

    /// How long a start, a check or a reload waits for names.
    static let patience = Duration.seconds(5)
    /// How long changed files are given to settle.
    static let settling = Duration.milliseconds(100)
    /// How often files are compared although no event told of a change.
    static let fallbackInterval = Duration.seconds(10)
    /// How many addresses of one name are used.
    static let maximumAddresses = NameLookup.mostFound
    /// What servers from a file are called together that are called by numbers.
    static let fileSlots = "file"
    /// How many servers from files a backend may have had before they are called by numbers.
    static let maximumLabels = 2000
}

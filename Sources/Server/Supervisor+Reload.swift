internal import Config
internal import Platform
internal import Proxy
internal import Telemetry

extension Supervisor {
    /// Loads the configuration anew and serves by it, or changes nothing.
    func reload() -> ReloadOutcome {
        guard !isStopping, !Supervisor.isToEnd else {
            return ReloadOutcome(
                ok: false, generation: Int(generation), diagnostics: [Supervisor.stopping])
        }
        do throws(StartError) {
            let result = try Thread.behind {
                Result { () throws(StartError) in try source.load(again: true) }
            }.get()
            guard let config = result.config else {
                return reject(result.diagnostics.map { "\($0)" })
            }
            let warnings =
                result.diagnostics.map { "\($0)" }
                + fixed.warnings(for: config, file: source.name)
            return try install(config, .reload, warnings: warnings)
        } catch {
            return reject([error.description])
        }
    }

    /// Reads files that have changed, under the configuration that is being served.
    func reloadCertificates() { renew() }

    /// Reads files again that could not be taken in, and speaks of what is new alone.
    func renewAgain() { renew(known: renewalRetry.reasons) }

    /// - Parameter known: the reasons of a refusal that has been told of.
    private func renew(known: Set<String> = []) {
        let outcome: ReloadOutcome
        do throws(StartError) {
            outcome = try install(config, .renewal, warnings: [], known: known)
        } catch {
            outcome = reject([error.description], known: known)
        }
        guard !outcome.ok, !Supervisor.isToEnd else { return }
        let reasons = Set(outcome.diagnostics)
        renewalRetry.fail(reasons, now: .now())
        // What does load now may not have before.
        if reasons != known || !renewalRetry.isSalvaged {
            renewalRetry.isSalvaged = salvage(tells: !reasons.isSubset(of: known))
        }
    }

    /// Takes in what does load: what is wrong with one file must not keep certificates until they
    /// expire, nor lists of revoked ones.
    ///
    /// - Returns: true exactly when what does load is served.
    private func salvage(tells: Bool) -> Bool {
        var reasons: [Diagnostic] = []
        for salvage in [Salvage.files, .keys] {
            let outcome = build(config, .renewal, salvage)
            if Supervisor.isToEnd { return false }
            reasons = outcome.diagnostics.filter { $0.severity == .error }
            guard let snapshot = outcome.snapshot else { continue }
            let isRenewed = commit(config, snapshot, outcome)
            watchExpiry(outcome)
            if tells { tell(outcome.diagnostics.map { "\($0)" }, .warning, .configWarning) }
            if isRenewed { announceRenewal() }
            return true
        }
        if tells {
            let text = "no other file that has changed is served either: "
            tell(reasons.map { "\(text)\($0)" }, .error, .configRejected)
        }
        return false
    }

    private func announceRenewal() {
        events.emit(.info, .certificateReplaced, ("generation", .int(Int(generation))))
    }

    private func install(
        _ next: ProxyConfig, _ occasion: BuildOccasion, warnings: [String], known: Set<String> = []
    ) throws(StartError) -> ReloadOutcome {
        let outcome = build(next, occasion)
        let diagnostics = warnings + outcome.diagnostics.map { "\($0)" }
        // It was not waited for what is found and fetched, so that what lacks may be there.
        if Supervisor.isToEnd { return reject([Supervisor.stopping]) }
        guard let snapshot = outcome.snapshot else {
            guard occasion == .renewal else { return reject(diagnostics) }
            let errors = outcome.diagnostics.filter { $0.severity == .error }
            return reject(errors.map { "\($0)" }, known: known)
        }
        let opened: ListenerSet
        do throws(SystemError) {
            opened = try listeners.opening(
                snapshot.listeners.map(\.address), workers: crew.count,
                backlog: next.limits.listenBacklog)
        } catch {
            throw .environment(Supervisor.bindAdvice(error))
        }
        let sink = try openAccessLog(next)
        do throws(StartError) {
            try replaceAdmin(next)
        } catch {
            if let sink, sink !== accessSink { sink.stop() }
            throw error
        }
        let before = listeners.groups.map(\.address)
        let oldSink = accessSink
        listeners = opened
        accessSink = sink
        let isRenewed = commit(next, snapshot, outcome)
        watchExpiry(outcome)
        watchMemory(next)
        renewalRetry.succeed()
        announceListeners(before: before)
        if let oldSink, oldSink !== sink { oldSink.stop() }
        registry.countReload(succeeded: true)
        tell(diagnostics, .warning, .configWarning)
        events.emit(.info, .configReloaded, ("generation", .int(Int(generation))))
        if isRenewed, occasion == .renewal { announceRenewal() }
        return note(ReloadOutcome(ok: true, generation: Int(generation), diagnostics: diagnostics))
    }

    /// Says what has changed; the sockets that went away are closed by now, as the workers gave
    /// them up.
    private func announceListeners(before: [ListenerSet.Address]) {
        let present = listeners.groups.map(\.address)
        for address in present where !before.contains(address) {
            events.emit(.info, .listenerOpened, ("address", .text("\(address.bound)")))
        }
        for address in before where !present.contains(address) {
            events.emit(.info, .listenerClosed, ("address", .text("\(address.bound)")))
        }
    }

    /// - Parameter known: what has been told of, and is not told again.
    private func reject(_ diagnostics: [String], known: Set<String> = []) -> ReloadOutcome {
        let outcome = ReloadOutcome(
            ok: false, generation: Int(generation), diagnostics: diagnostics)
        let news = diagnostics.filter { !known.contains($0) }
        guard !news.isEmpty else { return outcome }
        registry.countReload(succeeded: false)
        tell(news, .error, .configRejected)
        return note(outcome)
    }

    /// Writes an event for each text; of very many, so many that the log has room for what follows.
    func tell(_ texts: [String], _ level: EventLevel, _ name: EventName) {
        for text in texts.prefix(Supervisor.linesAtOnce) {
            events.emit(level, name, ("text", .text(text)))
        }
        let left = texts.count - Supervisor.linesAtOnce
        if left > 0 { events.emit(level, name, ("text", .text("and \(left) more"))) }
    }

    /// Why nothing is loaded any more.
    private static let stopping = "the instance is stopping"

    /// How many lines of one kind are written at once: ten thousand certificates may all have the
    /// same fault.
    static let linesAtOnce = 100

    private func note(_ outcome: ReloadOutcome) -> ReloadOutcome {
        state.update { $0.lastReload = (time: WallTime.now(), outcome: outcome) }
        return outcome
    }
}

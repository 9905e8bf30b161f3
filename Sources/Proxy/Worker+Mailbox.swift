internal import Bytes
internal import Platform
internal import Telemetry

extension Worker {
    /// Takes the control thread's messages, in their order.
    mutating func drainMailbox() {
        for message in plan.mailbox.drain() {
            switch message {
            case .install(let snapshot, let sockets, let accessLog):
                install(snapshot, sockets: sockets, accessLog: accessLog)
            case .drain(let deadline):
                beginDrain(until: deadline)
            case .pressure(let pressure):
                take(pressure)
            case .standings(let standings):
                take(standings)
            case .passwordChecked(let verdict):
                take(verdict)
            case .stop:
                isStopping = true
            }
        }
    }

    /// Serves by `snapshot` from now on; exchanges that have begun keep theirs.
    private mutating func install(
        _ snapshot: RuntimeSnapshot, sockets: [ListenerSocket], accessLog sink: LogSink?
    ) {
        leaveListeners(except: sockets)
        for pool in pools.values { pool.isRetired = true }
        let groups = snapshot.groups.map { group in group.servers.map { adoptPool($0) } }
        for pool in pools.values where pool.isRetired { retire(pool) }
        pools = pools.filter { !$0.value.isRetired }
        serverLoads = serverLoads.filter { $0.value.isInUse }
        for pool in pools.values { serverLoads[pool.plan.loadKey] = pool.load }
        let next = InstalledSnapshot(
            snapshot: snapshot, pools: groups, loads: makeLoads(snapshot, groups),
            worker: plan.index)
        installed?.isReplaced = true
        followBackends(next)
        reviewHeld()
        installed = next
        replaceListeners(snapshot.listeners, sockets: sockets)
        if sink !== accessSink {
            accessSink = sink
            accessLog = sink?.makeChannel()
        }
        watchListeners()
        plan.reports.post(.installed(worker: plan.index, generation: snapshot.generation))
    }

    /// Hears what has become of servers; of those that no installed snapshot names, their plans
    /// will tell.
    private mutating func take(_ standings: [ServerLabel: ServerStanding]) {
        for pool in pools.values {
            guard let standing = standings[pool.plan.label] else { continue }
            pool.standing.adopt(standing)
            if standing.isDrained { closeIdle(pool) }
        }
        reviewHeld()
    }

    private mutating func adoptPool(_ server: ServerPlan) -> UpstreamPool {
        let pool =
            pools[server.key]
            ?? UpstreamPool(plan: server, load: serverLoads[server.loadKey] ?? ServerLoad())
        pool.isRetired = false
        pool.plan = server
        pools[server.key] = pool
        return pool
    }

    private mutating func retire(_ pool: UpstreamPool) {
        for connection in pool.shared { connection.link?.isLeaving = true }
        closeIdle(pool)
    }

    /// Closes the connections that rest.
    mutating func closeIdle(_ pool: UpstreamPool) {
        while let connection = pool.idle.last ?? pool.owned.last { close(connection) }
        for connection in pool.shared where connection.phase == .idle {
            if let link = connection.link { endShared(connection, link) }
        }
    }

    /// Closes the sockets that are gone after a last batch: what the kernel had accepted for them
    /// is served, not reset. It is served by the snapshot that their plans belong to.
    private mutating func leaveListeners(except sockets: [ListenerSocket]) {
        for (index, listener) in listeners.enumerated() {
            unwatch(listener)
            guard !sockets.contains(where: { $0 === listener.socket }) else { continue }
            acceptRest(index)
            listener.releaseSocket()
        }
    }

    /// Keeps the sockets that stay, and takes in the new ones.
    private mutating func replaceListeners(_ plans: [ListenerPlan], sockets: [ListenerSocket]) {
        let old = listeners
        leaveReleasedListeners(old)
        listeners = zip(plans, sockets).map { plan, socket in
            let kept = old.first { $0.socket === socket }
            kept?.plan = plan
            return kept ?? ListenerBinding(socket: socket, plan: plan)
        }
        let secure = listeners.first { $0.plan.tls != nil }?.socket?.address.port
        for listener in listeners {
            // A port that the kernel chose is known only now.
            listener.redirectPort =
                listener.plan.redirectPort == 0 ? secure : listener.plan.redirectPort
        }
    }

    /// Who came by a listener that is gone is told to come again by another (RFC 9113 §6.8);
    /// HTTP/1.1 has no such word, and is served on.
    private mutating func leaveReleasedListeners(_ old: [ListenerBinding]) {
        guard old.contains(where: { $0.socket == nil }) else { return }
        for connection in downstreams.all {
            guard connection.binding.socket == nil, connection.phase == .http2,
                let link = connection.link
            else { continue }
            sayGoodbye(connection, link)
        }
    }

    /// Accepts nothing more and closes what is idle.
    private mutating func beginDrain(until deadline: MonotonicTime) {
        drainDeadline = deadline
        for index in listeners.indices {
            acceptRest(index)
            unwatch(listeners[index])
            listeners[index].releaseSocket()
        }
        listeners = []
        for connection in downstreams.all {
            if connection.phase == .http1, connection.exchange == nil { endIdle(connection) }
            if let link = connection.link, connection.phase == .http2 {
                sayGoodbye(connection, link)
            }
        }
    }

    /// Closes an idle connection, but serves what has arrived already, and waits a moment for a
    /// client that has connected only now.
    private mutating func endIdle(_ connection: DownstreamConnection) {
        // What waits for the end of the handshake has arrived, and is served behind it.
        guard connection.early != .waiting else { return }
        connection.canRead = true
        readDownstream(connection)
        guard connection.phase == .http1, connection.exchange == nil, connection.early != .waiting
        else { return }
        if connection.requestCount == 0, now - connection.openedAt < Worker.freshness {
            setDeadline(connection, .requestHead, after: Worker.freshness)
        } else {
            beginClosing(connection)
        }
    }

    /// Stops once every connection has ended, or once patience is over.
    mutating func continueDrain(_ deadline: MonotonicTime) {
        if downstreams.count == 0 || now >= deadline { isStopping = true }
    }

    /// Ends whatever is left.
    mutating func closeEverything() {
        var aborted = 0
        for connection in downstreams.all {
            // Whoever has everything and only has not closed yet is not reset.
            if connection.phase == .closing, connection.outbound.isEmpty {
                close(connection)
                continue
            }
            if connection.phase != .closed, connection.phase != .closing { aborted += 1 }
            abort(connection, because: ProxyError(.drained))
        }
        for connection in upstreams.all { close(connection) }
        flushDirty()
        releaseClosed()
        forgetBackends()
        accessLog?.flush()
        plan.reports.post(.stopped(worker: plan.index, aborted: aborted))
    }
}

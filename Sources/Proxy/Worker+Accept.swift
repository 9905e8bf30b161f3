internal import Bytes
internal import Config
internal import Platform
internal import TLS
internal import Telemetry

extension Worker {
    /// Accepts what waits on a listener, at most a batch, so that connections being served get
    /// their turn.
    ///
    /// A batch is one connection as long as clients come one at a time, which saves the call that
    /// would only say that there is no other; it doubles while the batches of
    /// one turn after another are full.
    ///
    /// - Returns: true exactly when the batch was full, so that others may wait.
    @discardableResult
    mutating func acceptBatch(_ index: Int) -> Bool {
        guard index < listeners.count, let installed else { return false }
        let binding = listeners[index]
        guard let socket = binding.socket else { return false }
        for _ in 0..<binding.batchSize {
            if downstreams.count >= installed.snapshot.settings.connectionsPerWorker {
                pauseAccepting(binding, because: .limit)
                return false
            }
            switch socket.socket.accept() {
            case .accepted(let accepted, let client):
                admit(accepted, from: client, on: binding, snapshot: installed.snapshot)
            case .wouldBlock:
                binding.batchSize = 1
                return false
            case .outOfDescriptors:
                pauseAccepting(binding, because: .descriptors)
                return false
            case .failed:
                // The connection was gone before it was accepted; the next one is another matter.
                continue
            }
        }
        let isFlood = binding.fullTurn == turnCount - 1
        binding.batchSize = isFlood ? min(binding.batchSize * 2, Worker.acceptsPerTurn) : 1
        binding.fullTurn = turnCount
        return true
    }

    /// Accepts everything that waits on a listener that is to be closed: the kernel has told those
    /// clients that they are connected.
    mutating func acceptRest(_ index: Int) {
        guard index < listeners.count else { return }
        for _ in 0..<Worker.batchesPerRest {
            listeners[index].batchSize = Worker.acceptsPerTurn
            guard acceptBatch(index) else { return }
        }
    }

    private mutating func admit(
        _ socket: consuming Socket, from client: SocketAddress, on binding: ListenerBinding,
        snapshot: RuntimeSnapshot
    ) {
        let address = client.hostKey
        let place = clients.index(forKey: address)
        let others = place.map { clients.values[$0] } ?? 0
        if let proxies = binding.plan.proxies {
            guard admitsProxy(client, proxies, on: binding) else {
                socket.setResetOnClose()
                return
            }
        } else if let limit = refusal(of: client, others: others, snapshot) {
            refuse(socket, from: client, because: limit, on: binding)
            return
        }
        let connection = insertDownstream(socket, client: client, binding: binding)
        do throws(SystemError) {
            try poller.add(
                connection.socket.rawDescriptor, token: Token.downstream(connection.id).packed,
                interest: [.readable, .peerClosed, .edgeTriggered])
        } catch {
            events.sample(.error, .internalError, now: now, "\(error)")
            downstreams.remove(connection.id)
            return
        }
        if let place { clients.values[place] += 1 } else { clients[address] = 1 }
        metrics.connectionOpened(binding.plan.label)
        if connection.isTLS || connection.phase == .proxyProtocol {
            setDeadline(connection, .handshake, after: snapshot.settings.timeouts.handshake)
        } else {
            setDeadline(connection, .requestHead, after: snapshot.settings.timeouts.requestHead)
        }
        prepareChoice(connection)
        beginPlainTCP(connection)
    }

    private mutating func insertDownstream(
        _ socket: consuming Socket, client: SocketAddress, binding: ListenerBinding
    ) -> DownstreamConnection {
        let id = downstreams.nextID
        let connection = DownstreamConnection(
            id: id, socket: socket, client: client, binding: binding, pool: buffers, now: now)
        downstreams.insert(connection, at: id)
        return connection
    }

    /// Stops accepting for a moment: what waits stays in the kernel's queue, nothing spins, and
    /// accepting resumes by the clock.
    private mutating func pauseAccepting(_ binding: ListenerBinding, because reason: RefusalReason)
    {
        metrics.connectionRefused(binding.plan.label, reason: reason)
        if reason == .limit { metrics.limitReached(binding.plan.label, .connections) }
        guard listeners.contains(where: \.isWatched) else { return }
        for listener in listeners { unwatch(listener) }
        acceptsAgainAt = now + Worker.acceptPause
        guard now >= pauseToldAgainAt else { return }
        pauseToldAgainAt = now + Worker.pauseReportInterval
        events.sample(
            .warning, reason == .descriptors ? .descriptorsExhausted : .connectionLimitReached,
            now: now,
            "connections wait in the kernel's queue until others end")
    }

    /// Accepts again once the pause is over.
    mutating func resumeAccepting() {
        guard let time = acceptsAgainAt, time <= now else { return }
        acceptsAgainAt = nil
        watchListeners()
    }

    /// Lets epoll tell of new connections on every listener.
    mutating func watchListeners() {
        guard drainDeadline == nil, acceptsAgainAt == nil else { return }
        for (index, listener) in listeners.enumerated() where !listener.isWatched {
            guard let socket = listener.socket else { continue }
            do throws(SystemError) {
                try poller.add(
                    socket.socket.rawDescriptor, token: Token.listener(index).packed,
                    interest: [.readable])
                listener.isWatched = true
            } catch {
                events.sample(.error, .internalError, now: now, "\(error)")
                acceptsAgainAt = now + Worker.acceptPause
            }
        }
    }

    /// How many batches are accepted from a listener that is to be closed: with the batch's size,
    /// the longest backlog that Linux allows by default.
    static let batchesPerRest = 64

    /// Lets epoll be silent about new connections on one listener.
    mutating func unwatch(_ listener: ListenerBinding) {
        guard listener.isWatched, let socket = listener.socket else { return }
        poller.remove(socket.socket.rawDescriptor)
        listener.isWatched = false
    }
}

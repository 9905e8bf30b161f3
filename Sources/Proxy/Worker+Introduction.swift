internal import Bytes
internal import HTTP
internal import Platform
internal import TLS

/// Towards servers: a connection that begins with a header about one client, or on which one may
/// have shown who it is, carries the requests of that client's connection only.
extension Worker {
    /// Takes an idle connection that the request may travel on, the client's own first; nil where
    /// there is none.
    mutating func checkOut(_ pool: UpstreamPool, for exchange: Exchange) -> UpstreamConnection? {
        if hasOwners, let connection = exchange.downstream {
            for id in connection.ownUpstreams {
                guard let upstream = upstreams[id], upstream.pool === pool,
                    rests(upstream, for: connection)
                else { continue }
                pool.forget(upstream)
                return upstream
            }
        }
        return pool.plan.proxyHeader == nil ? pool.checkOut() : nil
    }

    private func rests(
        _ upstream: UpstreamConnection, for connection: DownstreamConnection
    ) -> Bool {
        upstream.phase == .idle && upstream.owner == connection.id
    }

    /// The server of a backend to which the client may have shown on a connection who it is, which
    /// rests: any other one would ask it again. Nil where there is none.
    func serverThatKnows(_ exchange: Exchange, _ place: BackendPlace) -> Int? {
        guard hasOwners, let connection = exchange.downstream else { return nil }
        for id in connection.ownUpstreams {
            guard let upstream = upstreams[id], upstream.knowsOwner,
                rests(upstream, for: connection)
            else { continue }
            if let index = place.pools.firstIndex(where: { $0 === upstream.pool }) { return index }
        }
        return nil
    }

    /// Notes whom a new connection belongs to.
    mutating func own(_ upstream: UpstreamConnection, _ exchange: Exchange) {
        guard upstream.pool.plan.proxyHeader != nil, let connection = exchange.downstream else {
            return
        }
        give(upstream, to: connection)
    }

    /// Lets a connection that is about to rest belong to the client that may have shown on it who
    /// that is; false where there is nobody whom it could belong to.
    mutating func settleOwner(_ upstream: UpstreamConnection, _ exchange: Exchange) -> Bool {
        guard exchange.namesClient else { return true }
        guard let connection = exchange.downstream else { return false }
        upstream.knowsOwner = true
        if upstream.owner == nil { give(upstream, to: connection) }
        return true
    }

    /// Lets a connection rest. One that knows its client takes the place of one that does not, or
    /// has rested longest: to refuse it would cost a login that has just begun.
    mutating func checkIn(_ upstream: UpstreamConnection, limit: Int) -> Bool {
        let pool = upstream.pool
        if upstream.knowsOwner, !pool.isRetired, !pool.standing.isDrained {
            while pool.owned.count >= limit,
                let other = pool.owned.first(where: { !$0.knowsOwner }) ?? pool.owned.first
            {
                close(other)
            }
        }
        return pool.checkIn(upstream, limit: limit)
    }

    private mutating func give(
        _ upstream: UpstreamConnection, to connection: DownstreamConnection
    ) {
        hasOwners = true
        upstream.owner = connection.id
        if connection.ownUpstreams.count >= Worker.ownUpstreamsBound {
            connection.ownUpstreams.removeAll { upstreams[$0] == nil }
        }
        connection.ownUpstreams.append(upstream.id)
    }

    /// Closes what nobody can use once a client has gone.
    mutating func closeOwned(_ connection: DownstreamConnection) {
        guard !connection.ownUpstreams.isEmpty else { return }
        for id in connection.ownUpstreams {
            if let upstream = upstreams[id], upstream.phase == .idle,
                upstream.owner == connection.id
            {
                close(upstream)
            }
        }
        connection.ownUpstreams = []
    }

    /// Queues the header that tells a server who the client is, before everything else.
    mutating func introduce(_ upstream: UpstreamConnection) {
        guard let version = upstream.pool.plan.proxyHeader else { return }
        var header = ProxyHeader.local
        if let owner = upstream.owner, let connection = downstreams[owner] {
            header = introduction(connection, version)
        }
        if upstream.pool.plan.tls == nil {
            header.append(version, to: &upstream.outbound)
        } else {
            // Before the handshake, in the clear.
            header.append(version, to: &upstream.sealed)
        }
    }

    /// What servers are told of a client.
    private mutating func introduction(
        _ connection: DownstreamConnection, _ version: ProxyVersion
    ) -> ProxyHeader {
        let destination = connection.destination ?? connection.socket.localAddress()
        var header = ProxyHeader.unknown
        if let from = connection.client.endpoint, let to = destination?.endpoint {
            header = ProxyHeader(source: from, destination: to)
        }
        guard connection.isTLS else {
            // Of TLS that passes untouched, the name is all that was seen.
            header.authority = Array((connection.exchange?.tcp?.host ?? "").utf8)
            connection.told?.tell(in: &header, endsTLS: false)
            return header
        }
        connection.told?.tell(in: &header, endsTLS: true)
        header.applicationProtocol = Array((connection.tls?.negotiatedProtocol ?? "").utf8)
        header.authority = Array((connection.tls?.serverName ?? "").utf8)
        let identity = connection.tls?.clientIdentity
        let credential = version == .v2Certificate ? connection.tls?.credential : nil
        header.tls = ProxyTLSFacts(
            hasCertificate: identity != nil && connection.tls?.isResumed == false,
            hasSessionCertificate: identity != nil, verification: identity == nil ? 1 : 0,
            version: Array((connection.tls?.version?.label ?? "").utf8),
            commonName: identity?.commonName ?? [],
            cipher: Array((connection.tls?.cipherName ?? "").utf8),
            signatureAlgorithm: Array((credential?.signatureAlgorithm ?? "").utf8),
            keyAlgorithm: Array((credential?.keyAlgorithm ?? "").utf8))
        return header
    }

    /// How many connections of one client are noted before those that are gone are forgotten.
    private static let ownUpstreamsBound = 8
}

internal import Bytes
internal import HTTP
internal import Platform
internal import TLS
internal import Telemetry

extension Worker {
    /// Counts and logs an exchange; called exactly once for each exchange that has begun.
    mutating func account(_ exchange: Exchange, _ connection: DownstreamConnection) {
        if let leg = exchange.tcp {
            accountTCP(exchange, leg, connection)
            return
        }
        guard let snapshot = exchange.installed?.snapshot else { return }
        countLimits(exchange, connection, snapshot)
        metrics.requestFinished(
            site: exchange.site.map { snapshot.sites[$0].label }, version: exchange.requestVersion,
            method: exchange.form.method.rawValue, status: exchange.status,
            duration: now - exchange.startedAt, bytesIn: exchange.bytesIn,
            bytesOut: exchange.bytesOut)
        guard accessLog != nil, let format = snapshot.settings.accessLogFormat else { return }
        fill(exchange, connection, site: exchange.site.map { snapshot.sites[$0].name })
        AccessLogFormatter.append(record, format: format, to: &accessLine)
        accessLog?.write(accessLine.bytes)
        accessLine.removeAll()
    }

    /// Takes the facts of an exchange into the record.
    mutating func fill(
        _ exchange: Exchange, _ connection: DownstreamConnection, site: String?
    ) {
        record.reset()
        record.time = exchange.startedWall
        record.client = connection.client
        record.version = exchange.requestVersion
        record.status = exchange.status
        record.bytesIn = exchange.bytesIn
        record.bytesOut = exchange.bytesOut
        record.duration = now - exchange.startedAt
        record.requestOnConnection = connection.requestCount
        record.method.append(exchange.request.methodBytes)
        record.target.append(exchange.request.target)
        record.host.append(exchange.request.authority)
        if let index = exchange.request.fields.first(.referer) {
            record.referer.append(exchange.request.fields.value(index))
        }
        if let index = exchange.request.fields.first(.userAgent) {
            record.userAgent.append(exchange.request.fields.value(index))
        }
        if let site { record.site.append(site) }
        if let error = exchange.error {
            record.fault = error.origin
            record.reason = error.label
        }
        record.rule = exchange.rule
        record.user.append(exchange.user.bytes)
        record.requestID.append(exchange.requestID.bytes)
        if connection.isTLS {
            record.tlsVersion = connection.tls?.version?.rawValue ?? 0
            record.isResumed = connection.tls?.isResumed == true
        }
        if let server = exchange.server, let group = exchange.group {
            record.server.append(server.plan.name)
            record.backend.append(exchange.installed?.snapshot.groups[group].name ?? "")
            record.upstreamConnect = exchange.connectDuration
            if let sent = exchange.sentAt, let first = exchange.firstByteAt {
                record.upstreamFirstByte = first - sent
            }
        }
    }
}

extension Exchange {
    /// The version that the client speaks, as metrics and logs call it.
    fileprivate var requestVersion: RequestVersion {
        // A head that was refused has said nothing.
        if stream > 0 { return .http2 }
        return switch form.version {
        case .http10: .http10
        case .http11: .http11
        case .http2: .http2
        }
    }
}

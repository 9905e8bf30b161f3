internal import Bytes
internal import Platform
internal import Telemetry

extension StatusReport {
    /// The whole report as JSON: the body of `/status`.
    func json() -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("version", version)
            writer.member("commit", commit)
            writer.member("openssl_version", opensslVersion)
            writer.member("pid", pid)
            writer.member("started_at", startedAt.iso8601)
            writer.member("uptime_seconds", uptime.inSeconds)
            writer.member("generation", generation)
            writer.name("last_reload")
            if let lastReload { lastReload.write(to: &writer) } else { writer.null() }
            writer.member("workers", workers)
            writer.member("connections_active", connectionsActive)
            writer.member("requests_total", requestsTotal)
            writer.member("listeners", objects: listeners) { $1.write(to: &$0) }
            writer.member("sites", objects: sites) { $1.write(to: &$0) }
            writer.member("backends", objects: backends) { $1.write(to: &$0) }
            writer.member("handshake_failures", objects: handshakeFailures) { $1.write(to: &$0) }
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    /// The sites and their certificates alone as JSON: the body of `/certs`.
    func certificatesJSON() -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("sites", objects: sites) { $1.write(to: &$0) }
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    /// The backends and their servers alone as JSON: the body of `/servers`.
    func serversJSON() -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("backends", objects: backends) { $1.write(to: &$0) }
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }
}

extension StatusReport.Reload {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("time", time.iso8601)
            writer.member("ok", ok)
            writer.member("diagnostics", diagnostics)
        }
    }
}

extension HandshakeFailureRecord {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.member("time", time.iso8601)
        writer.member("client", client)
        writer.member("listener", listener)
        writer.member("server_name", serverName)
        writer.member("offered_versions", offeredVersions)
        writer.member("reason", reason)
        writer.name("alert")
        if let alert { writer.value(Int64(alert)) } else { writer.null() }
    }
}

extension StatusReport.Listener {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.member("address", address)
        writer.member("tls", tls)
        writer.member("redirect", redirect)
    }
}

extension StatusReport.Site {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.member("name", name)
        writer.member("hosts", hosts)
        writer.member("certificates", objects: certificates) { $1.write(to: &$0) }
    }
}

extension StatusReport.Certificate {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.member("subject", subject)
        writer.member("issuer", issuer)
        writer.member("serial", serial)
        writer.member("fingerprint", fingerprint)
        writer.member("key_kind", keyKind)
        writer.member("not_before", WallTime(seconds: notBefore, nanoseconds: 0).iso8601)
        writer.member("not_after", WallTime(seconds: notAfter, nanoseconds: 0).iso8601)
        writer.member("days_left", daysLeft)
        writer.member("path", path)
        writer.name("staple")
        writer.object { staple.write(to: &$0) }
    }
}

extension StatusReport.Backend {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.member("name", name)
        writer.member("servers", objects: servers) { $1.write(to: &$0) }
    }
}

extension StatusReport.Upstream {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.member("name", name)
        writer.member("address", address)
        writer.member("up", isUp)
        writer.member("state", state)
        writer.member("weight", weight)
        writer.member("backup", isBackup)
        writer.name("health")
        if let health { health.write(to: &writer) } else { writer.null() }
        writer.member("connections_active", connectionsActive)
        writer.member("connections_idle", connectionsIdle)
        writer.member("requests_total", requests)
        writer.member("failures_total", failures)
    }
}

extension WallTime {
    /// The time as ISO 8601 in UTC, such as `2026-11-21T03:29:11.123Z`.
    var iso8601: String {
        var queue = ByteQueue()
        appendISO8601(to: &queue)
        return String(copying: queue.bytes)
    }
}

extension Duration {
    /// The duration in seconds.
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

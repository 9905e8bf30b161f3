internal import Platform
internal import Telemetry

/// The status page for people: one HTML text without scripts, images or anything to load.
struct StatusPage: Sendable {
    private let report: StatusReport

    /// Makes the page of a report.
    init(_ report: StatusReport) {
        self.report = report
    }

    /// The page; it loads itself again every 5 seconds.
    func html() -> String {
        """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="refresh" content="5">
        <meta name="color-scheme" content="light dark">
        <title>Martlet</title><style>\(StatusPage.style)</style></head><body>
        <header><h1>Martlet</h1><p>\(escape(report.version)) \
        <small>\(escape(report.commit)) · \(escape(report.opensslVersion)) · \
        pid \(report.pid)</small></p></header>
        \(facts())\(reload())\(listeners())\(sites())\(backends())\(failures())
        <footer><a href="/status">status</a> <a href="/certs">certs</a> \
        <a href="/metrics">metrics</a> <a href="/readyz">readyz</a></footer>
        </body></html>

        """
    }

    private func facts() -> String {
        let facts: [(String, String)] = [
            ("uptime", StatusPage.spell(report.uptime)),
            ("generation", "\(report.generation)"),
            ("workers", "\(report.workers)"),
            ("connections", "\(report.connectionsActive)"),
            ("requests", "\(report.requestsTotal)"),
        ]
        let cells = facts.map { "<div><dt>\($0.0)</dt><dd>\(escape($0.1))</dd></div>" }
        return "<dl>\(cells.joined())</dl>\n"
    }

    private func reload() -> String {
        guard let reload = report.lastReload else { return "" }
        let mark = reload.ok ? badge("ok", "succeeded") : badge("bad", "rejected")
        let lines = reload.diagnostics.map { escape($0) }.joined(separator: "\n")
        let diagnostics = lines.isEmpty ? "" : "<pre>\(lines)</pre>"
        return
            "<h2>Last reload</h2><p>\(mark) at \(escape(reload.time.iso8601))</p>\(diagnostics)\n"
    }

    private func listeners() -> String {
        let rows = report.listeners.map { listener in
            let kind = listener.tls ? "TLS" : listener.redirect ? "redirect to https" : "plain"
            return [escape(listener.address), kind]
        }
        return table("Listeners", ["address", "kind"], rows)
    }

    private func failures() -> String {
        guard !report.handshakeFailures.isEmpty else { return "" }
        let rows = report.handshakeFailures.map { failure in
            [
                escape(failure.time.iso8601), escape(failure.client), escape(failure.listener),
                escape(failure.serverName ?? "–"),
                escape(failure.offeredVersions.joined(separator: " ")), escape(failure.reason),
                failure.alert.map { "\($0)" } ?? "–",
            ]
        }
        let headings = ["time", "client", "listener", "host", "offered", "reason", "alert"]
        return table("Handshakes that failed last", headings, rows)
    }

    private func sites() -> String {
        let shown = report.sites.prefix(StatusPage.maximumRows)
        let rows = shown.flatMap { site in
            let hosts = escape(site.hosts.joined(separator: " "))
            if site.certificates.isEmpty { return [[hosts, "–", "–", "–", "–"]] }
            return site.certificates.map { certificate in
                [
                    hosts, escape(certificate.keyKind), escape(certificate.issuer),
                    expiry(daysLeft: certificate.daysLeft), spell(certificate.staple),
                ]
            }
        }
        let headings = ["hosts", "key", "issuer", "expires", "staple"]
        return table("Sites", headings, rows) + remainder(of: report.sites.count, "sites")
    }

    private func backends() -> String {
        let shown = report.backends.prefix(StatusPage.maximumRows)
        let rows = shown.flatMap { backend in
            backend.servers.map { server in
                [
                    escape(backend.name), escape(server.address),
                    spell(server),
                    "\(server.connectionsActive)", "\(server.connectionsIdle)",
                    "\(server.requests)", "\(server.failures)",
                ]
            }
        }
        let headings = ["backend", "server", "state", "active", "idle", "requests", "failures"]
        return table("Backends", headings, rows) + remainder(of: report.backends.count, "backends")
    }

    private func spell(_ server: StatusReport.Upstream) -> String {
        if server.isDrained { return badge("warn", server.state) }
        guard let health = server.health else {
            return server.isUp ? badge("ok", "up") : badge("bad", "down")
        }
        let style = health.state == .up ? "ok" : health.state == .down ? "bad" : "warn"
        let since = "<small>since \(escape(health.since.iso8601))</small>"
        let trouble = health.lastError.map { "<br><small>\(escape($0))</small>" } ?? ""
        return "\(badge(style, health.state.rawValue)) \(since)\(trouble)"
    }

    private func expiry(daysLeft: Int) -> String {
        let text = daysLeft < 0 ? "expired" : daysLeft == 1 ? "in 1 day" : "in \(daysLeft) days"
        return badge(daysLeft < 7 ? "bad" : daysLeft < 21 ? "warn" : "ok", text)
    }

    private func spell(_ staple: StatusReport.Staple) -> String {
        let mark =
            switch staple.state {
            case .none: "–"
            case .waiting: badge("warn", "waiting")
            case .good:
                badge("ok", "good") + " until \(escape(staple.nextUpdate?.iso8601 ?? "–"))"
            case .revoked: badge("bad", "revoked")
            case .failed: badge("bad", "failed")
            }
        guard let trouble = staple.lastError else { return mark }
        return mark + "<br><small>\(escape(trouble.reason))</small>"
    }

    private func badge(_ style: String, _ text: String) -> String {
        "<b class=\"\(style)\">\(text)</b>"
    }

    /// Makes a titled table; cells are HTML already.
    private func table(_ title: String, _ headings: [String], _ rows: [[String]]) -> String {
        let head = headings.map { "<th>\($0)</th>" }.joined()
        let lines = rows.map { row in "<tr>\(row.map { "<td>\($0)</td>" }.joined())</tr>\n" }
        return """
            <h2>\(title)</h2><div class="table"><table><thead><tr>\(head)</tr></thead><tbody>
            \(lines.joined())</tbody></table></div>

            """
    }

    private func remainder(of count: Int, _ what: String) -> String {
        guard count > StatusPage.maximumRows else { return "" }
        let hidden = count - StatusPage.maximumRows
        return
            "<p><small>and \(hidden) more \(what), see <a href=\"/status\">status</a></small></p>\n"
    }

    /// Escapes text for HTML content and quoted attributes.
    private func escape(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }

    /// Spells a duration by its two largest units, such as `3 d 4 h`.
    static func spell(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        let (days, hours, minutes) = (seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60)
        if days > 0 { return "\(days) d \(hours) h" }
        if hours > 0 { return "\(hours) h \(minutes) min" }
        return minutes > 0 ? "\(minutes) min \(seconds % 60) s" : "\(seconds) s"
    }

    /// How many sites and backends are shown, so that ten thousand sites do not make a page of
    /// megabytes.
    static let maximumRows = 200

    private static let style = """
        :root{--ink:#1d2530;--dim:#66717f;--line:#d9dee5;--paper:#fbfcfd;--card:#fff;\
        --ok:#12734a;--warn:#8f5b00;--bad:#b3261e}
        @media(prefers-color-scheme:dark){:root{--ink:#e4e8ee;--dim:#93a0b0;--line:#2e3742;\
        --paper:#12161b;--card:#1a2027;--ok:#5fd09c;--warn:#f0b557;--bad:#ff8a80}}
        *{box-sizing:border-box}
        body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);\
        max-width:64rem;margin:0 auto;padding:1.5rem}
        header{display:flex;flex-wrap:wrap;align-items:baseline;gap:.2rem 1rem}
        h1{font-size:1.6rem;margin:0}h2{font-size:1rem;margin:1.8rem 0 .5rem}
        header p{margin:0}small,footer,dt,th{color:var(--dim)}
        dl{display:flex;flex-wrap:wrap;gap:.6rem;margin:1rem 0}
        dl div,.table,pre{background:var(--card);border:1px solid var(--line);border-radius:.5rem}
        dl div{padding:.5rem .9rem;min-width:7rem}
        dt{font-size:.8rem}dd{margin:0;font-size:1.2rem;font-variant-numeric:tabular-nums}
        .table,pre{overflow-x:auto}pre{padding:.6rem .8rem;font-size:.85rem}
        table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}
        th,td{text-align:left;padding:.4rem .8rem}th{font-weight:500;font-size:.8rem}
        td{border-top:1px solid var(--line);overflow-wrap:anywhere}
        b{font-weight:600}.ok{color:var(--ok)}.warn{color:var(--warn)}.bad{color:var(--bad)}
        footer{margin-top:2rem}a{color:inherit;margin-right:.8rem}
        """
}

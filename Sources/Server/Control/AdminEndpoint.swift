internal import Platform
internal import Telemetry

/// Answers the requests to the admin address.
///
/// Two attacks come from browsers on the same machine: a page whose name is rebound to this
/// address, and a form that posts across sites. A request is therefore answered only under an IP
/// literal or `localhost`, which no page of a stranger can have as its origin, and a reload needs a
/// field that a form cannot set.
struct AdminEndpoint: Sendable {
    private let source: AdminSource

    /// Makes an endpoint that answers from `source`.
    init(source: AdminSource) {
        self.source = source
    }

    /// Answers one request.
    func respond(to request: ControlRequest) -> ControlResponse {
        guard AdminEndpoint.isTrusted(host: request.host) else {
            return .text(403, "Host must be an IP address or localhost.\n")
        }
        var response = route(request)
        response.fields.append(ControlField(name: "Cache-Control", value: "no-store"))
        return response
    }

    /// True exactly when no name of a stranger can stand for `host`: it is an IP literal,
    /// `localhost`, or missing as only HTTP/1.0 may have it, which no browser speaks.
    static func isTrusted(host: String) -> Bool {
        if host.isEmpty || host.lowercased() == "localhost" { return true }
        switch SocketAddress("\(host):1") {
        case .ipv4, .ipv6: return true
        case .unix, nil: return false
        }
    }

    private func route(_ request: ControlRequest) -> ControlResponse {
        let isCommand = AdminEndpoint.commands.contains(request.path)
        guard isCommand || AdminEndpoint.pages.contains(request.path) else {
            return .text(
                404,
                "Nothing here. There are / /status /servers /certs /metrics /healthz /readyz.\n"
            )
        }
        let allowed = isCommand ? ["POST"] : ["GET", "HEAD"]
        guard allowed.contains(request.method) else {
            var response = ControlResponse.text(405, "Use \(allowed[0]).\n")
            let value = allowed.joined(separator: ", ")
            response.fields.append(ControlField(name: "Allow", value: value))
            return response
        }
        guard isCommand else { return page(request) }
        guard request.value(of: "x-martlet-control") == "1" else {
            let name = request.path == "/reload" ? "A reload" : "A command"
            return .text(403, "\(name) needs the field X-Martlet-Control: 1.\n")
        }
        switch request.path {
        case "/servers/drain": return command(request, isDrain: true)
        case "/servers/ready": return command(request, isDrain: false)
        default: return reload()
        }
    }

    private func page(_ request: ControlRequest) -> ControlResponse {
        switch request.path {
        case "/metrics": metrics(accept: request.value(of: "accept") ?? "")
        case "/healthz": .text(200, "ok\n")
        case "/readyz": source.isReady() ? .text(200, "ready\n") : .text(503, "not ready\n")
        case "/status": .json(200, source.status().json())
        case "/certs": .json(200, source.status().certificatesJSON())
        case "/servers": .json(200, source.status().serversJSON())
        default: statusPage()
        }
    }

    private func metrics(accept: String) -> ControlResponse {
        let format: ExpositionFormat =
            AdminEndpoint.acceptsOpenMetrics(accept) ? .openMetrics : .prometheus
        let vary = ControlField(name: "Vary", value: "Accept")
        return ControlResponse(
            status: 200, contentType: format.contentType, body: source.metrics(format),
            fields: [vary])
    }

    private func statusPage() -> ControlResponse {
        let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
        return ControlResponse(
            status: 200, contentType: "text/html; charset=utf-8",
            body: Array(StatusPage(source.status()).html().utf8),
            fields: [ControlField(name: "Content-Security-Policy", value: policy)])
    }

    private func command(_ request: ControlRequest, isDrain: Bool) -> ControlResponse {
        guard let query = ControlQuery(request.query ?? ""), let backend = query["backend"],
            let server = query["server"]
        else {
            return .text(400, "Say which: \(request.path)?backend=NAME&server=ADDRESS.\n")
        }
        let outcome = source.command(
            ServerCommand(backend: backend, server: server, isDrain: isDrain))
        return .text(outcome.ok ? 200 : 422, outcome.text + "\n")
    }

    private func reload() -> ControlResponse {
        let outcome = source.reload()
        var lines = outcome.diagnostics
        if outcome.ok {
            lines.append("reloaded: generation \(outcome.generation)")
        } else if outcome.generation > 0 {
            lines.append("rejected: generation \(outcome.generation) is still being served")
        }
        return .text(outcome.ok ? 200 : 422, lines.map { $0 + "\n" }.joined())
    }

    /// True exactly when `accept` names OpenMetrics with a weight above zero (RFC 9110 §12.5.1).
    ///
    /// Scrapers that can read it name it; a browser, which sends `*/*`, gets the text format.
    static func acceptsOpenMetrics(_ accept: String) -> Bool {
        accept.split(separator: ",").contains { range in
            let parts = range.split(separator: ";").map {
                $0.filter { $0 != " " && $0 != "\t" }.lowercased()
            }
            guard parts.first == "application/openmetrics-text" else { return false }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }?.dropFirst(2)
            return weight.map { (Double($0) ?? 0) > 0 } ?? true
        }
    }

    /// The paths that POST is answered for, if no stranger's page can have asked.
    private static let commands: Set = ["/reload", "/servers/drain", "/servers/ready"]
    /// The paths that GET and HEAD are answered for.
    private static let pages: Set = [
        "/", "/status", "/servers", "/certs", "/metrics", "/healthz", "/readyz",
    ]
}

internal import Platform

/// The two text formats that Prometheus reads.
public enum ExpositionFormat: Sendable {
    /// Prometheus text format 0.0.4.
    case prometheus
    /// OpenMetrics 1.0.
    case openMetrics

    /// What `Content-Type` says.
    public var contentType: String {
        switch self {
        case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }
}

/// Writes metrics as text.
struct Exposition {
    private let format: ExpositionFormat
    private let names: NameTable
    private var text = ""

    init(format: ExpositionFormat, names: NameTable) {
        self.format = format
        self.names = names
    }

    /// Writes what workers count, family by family.
    mutating func append(series: [SeriesKey: [UInt64]]) {
        var byFamily: [MetricFamily: [(SeriesKey, [UInt64])]] = [:]
        for (key, values) in series {
            if let family = key.family { byFamily[family, default: []].append((key, values)) }
        }
        for family in MetricFamily.allCases {
            let members = (byFamily[family] ?? []).sorted { $0.0.packed < $1.0.packed }
            guard !members.isEmpty else { continue }
            head(family.name, family.help, family.kind)
            for (key, values) in members {
                if family.kind == .histogram {
                    histogram(family, labels(key, family), values)
                } else {
                    let value =
                        family.kind == .gauge ? "\(Int64(bitPattern: values[0]))" : "\(values[0])"
                    line(family.name, labels(key, family), value)
                }
            }
        }
    }

    /// Writes what is known of certificates; whether one is warned of is judged as of `now`.
    mutating func append(certificatesOf control: MetricsRegistry.ControlFacts, now: WallTime) {
        var seen: Set<String> = []
        let facts = control.certificates.filter {
            seen.insert("\($0.owner.kind)\0\($0.owner.name)\0\($0.serial)").inserted
        }
        let expiry = "martlet_tls_certificate_not_after_timestamp_seconds"
        head(expiry, "When a certificate in service expires.", .gauge)
        for fact in facts {
            line(
                expiry, [Exposition.label(of: fact.owner), ("serial", fact.serial)],
                "\(fact.notAfter)")
        }
        let warning = "martlet_tls_certificate_expiry_warning"
        head(warning, "1 where a certificate expires sooner than tls.expiry_warning.", .gauge)
        for fact in facts {
            let isSoon = fact.notAfter - now.seconds < control.expiryWarning
            line(
                warning, [Exposition.label(of: fact.owner), ("serial", fact.serial)],
                isSoon || fact.notAfter <= now.seconds ? "1" : "0")
        }
    }

    private static func label(of owner: CertificateOwner) -> (String, String) {
        ("\(owner.kind)", owner.name)
    }

    /// Writes what the control plane says.
    mutating func append(
        control: MetricsRegistry.ControlFacts, lostLines: UInt64, dropped: UInt64
    ) {
        staples(control.staples)
        discovery(control.discovery)
        let lists = "martlet_tls_crl_next_update_timestamp_seconds"
        head(lists, "When the first revocation list of a site or backend must be renewed.", .gauge)
        for (owner, time) in control.revocationLists.sorted(by: { $0.key.order < $1.key.order }) {
            line(lists, [Exposition.label(of: owner)], "\(time)")
        }
        let reloads = "martlet_config_reloads_total"
        head(reloads, "Attempts to install a configuration after the first, by result.", .counter)
        line(reloads, [("result", "success")], "\(control.reloadsSucceeded)")
        line(reloads, [("result", "failure")], "\(control.reloadsFailed)")
        single(
            "martlet_config_generation", "Configurations and sets of servers installed so far.",
            .gauge,
            "\(control.generation)")
        single(
            "martlet_config_last_success_timestamp_seconds",
            "When a configuration was last installed.",
            .gauge, "\(control.lastSuccess?.seconds ?? 0)")
        single(
            "martlet_tls_ticket_key_rotations_total", "Changes of the key of session tickets.",
            .counter, "\(control.ticketKeyRotations)")
        single(
            "martlet_tls_ticket_key_since_timestamp_seconds",
            "When the present key of session tickets began to seal.", .gauge,
            "\(control.ticketKeySince?.seconds ?? 0)")
        single(
            "martlet_connections_limit", "Connections that may be open at once.", .gauge,
            "\(control.connectionLimit)")
        single(
            "martlet_memory_limit_bytes",
            "Memory near which load is shed, of the process without file pages; 0: any.", .gauge,
            "\(control.memoryLimit)")
        single(
            "martlet_log_lines_dropped_total", "Log lines lost because they could not be written.",
            .counter,
            "\(lostLines)")
        single(
            "martlet_metrics_series_dropped_total", "Series not made because there are too many.",
            .counter,
            "\(dropped)")
        head("martlet_build_info", "What this build is; always 1.", .gauge)
        line("martlet_build_info", control.build.map { ($0.name, $0.value) }, "1")
    }

    private mutating func staples(_ facts: StapleFacts) {
        let expiry = "martlet_tls_ocsp_staple_expiry_timestamp_seconds"
        head(
            expiry, "Until when the staples of a site may be sent, by the first to end; 0: none.",
            .gauge)
        for (site, time) in facts.expiries.sorted(by: { $0.key < $1.key }) {
            line(expiry, [("site", site)], "\(time)")
        }
        let refreshes = "martlet_tls_ocsp_refreshes_total"
        head(refreshes, "Attempts to get an OCSP response, by result.", .counter)
        for (site, counts) in facts.refreshes.sorted(by: { $0.key < $1.key }) {
            for result in StapleFacts.Result.allCases {
                let count = counts[result] ?? 0
                line(refreshes, [("site", site), ("result", result.rawValue)], "\(count)")
            }
        }
    }

    private mutating func discovery(_ facts: DiscoveryFacts) {
        let servers = "martlet_upstream_servers"
        head(servers, "Servers of a backend, each address of a name counted.", .gauge)
        for (backend, count) in facts.servers.sorted(by: { $0.key < $1.key }) {
            line(servers, [("backend", backend)], "\(count)")
        }
        let lookups = "martlet_discovery_lookups_total"
        head(lookups, "Lookups of servers, by what was asked for and the result.", .counter)
        for kind in DiscoveryFacts.Kind.allCases {
            for result in DiscoveryFacts.Result.allCases {
                line(
                    lookups, [("kind", kind.rawValue), ("result", result.rawValue)],
                    "\(facts.count(of: kind, result))")
            }
        }
    }

    /// Writes the metrics that every process has by convention.
    mutating func append(process facts: ProcessFacts) {
        single(
            "process_cpu_seconds_total", "User and system CPU time.", .counter,
            decimal(facts.cpuSeconds))
        single(
            "process_resident_memory_bytes", "Resident memory.", .gauge, "\(facts.residentBytes)")
        single("process_virtual_memory_bytes", "Virtual memory.", .gauge, "\(facts.virtualBytes)")
        single("process_open_fds", "Open descriptors.", .gauge, "\(facts.openDescriptors)")
        single(
            "process_max_fds", "Descriptors that may be open.", .gauge,
            "\(DescriptorLimit.current())")
        single(
            "process_start_time_seconds", "When the process started.", .gauge,
            decimal(facts.startTime))
        single("process_threads", "Threads.", .gauge, "\(facts.threads)")
    }

    /// The whole text.
    consuming func finish() -> [UInt8] {
        if format == .openMetrics { text += "# EOF\n" }
        return Array(text.utf8)
    }

    /// Begins a family.
    mutating func head(_ name: String, _ help: String, _ kind: MetricFamily.Kind) {
        // OpenMetrics names the family of a counter without the suffix.
        let family =
            format == .openMetrics && kind == .counter && name.hasSuffix("_total")
            ? String(name.dropLast(6)) : name
        text += "# HELP \(family) \(help)\n# TYPE \(family) \(kind.rawValue)\n"
    }

    private mutating func single(
        _ name: String, _ help: String, _ kind: MetricFamily.Kind, _ value: String
    ) {
        head(name, help, kind)
        line(name, [], value)
    }

    /// Writes one series.
    mutating func line(_ name: String, _ labels: [(String, String)], _ value: String) {
        text += name
        if !labels.isEmpty {
            text += "{"
            for (index, label) in labels.enumerated() {
                text += "\(index > 0 ? "," : "")\(label.0)=\"\(Exposition.escaped(label.1))\""
            }
            text += "}"
        }
        text += " \(value)\n"
    }

    private mutating func histogram(
        _ family: MetricFamily, _ labels: [(String, String)], _ values: [UInt64]
    ) {
        let bounds =
            family == .handshakeDuration ? MetricFamily.handshakeBounds : MetricFamily.requestBounds
        var cumulative: UInt64 = 0
        for (index, bound) in bounds.enumerated() {
            cumulative += values[index]
            line(
                family.name + "_bucket", labels + [("le", decimal(Double(bound) / 1e9))],
                "\(cumulative)")
        }
        let count = max(values[bounds.count + 1], cumulative)
        line(family.name + "_bucket", labels + [("le", "+Inf")], "\(count)")
        line(family.name + "_sum", labels, decimal(Double(values[bounds.count]) / 1e9))
        line(family.name + "_count", labels, "\(count)")
    }

    private func decimal(_ value: Double) -> String { "\(value)" }

    /// The labels of a series; what a client chose is never among them.
    private func labels(_ key: SeriesKey, _ family: MetricFamily) -> [(String, String)] {
        switch family {
        case .connections, .connectionsActive: [("listener", names.listenerName(key.a))]
        case .connectionsRefused:
            [
                ("listener", names.listenerName(key.a)),
                ("reason", RefusalReason(rawValue: UInt8(key.b)).map { "\($0.label)" } ?? ""),
            ]
        case .http2Errors:
            [
                ("listener", names.listenerName(key.a)),
                ("code", HTTP2ErrorLabel(code: UInt32(key.b)).label),
            ]
        case .limits:
            [
                ("listener", names.listenerName(key.a)),
                ("limit", LimitLabel(rawValue: UInt8(key.b)).map { "\($0.label)" } ?? ""),
            ]
        case .handshakes:
            [
                ("listener", names.listenerName(key.a)),
                ("version", key.d == 0x0304 ? "TLSv1.3" : "TLSv1.2"),
                ("resumption", Resumption(rawValue: UInt8(key.b))?.label ?? ""),
            ]
        case .handshakeFailures:
            [("listener", names.listenerName(key.a)), ("reason", names.reasonName(key.d))]
        case .handshakeDuration:
            [
                ("listener", names.listenerName(key.a)),
                ("resumption", Resumption(rawValue: UInt8(key.b))?.label ?? ""),
            ]
        case .requests:
            [
                ("site", names.siteName(key.a)),
                ("protocol", RequestVersion(rawValue: UInt8(key.b)).map { "\($0.label)" } ?? ""),
                ("method", MethodLabel.name(key.c)), ("code", "\(key.d)"),
            ]
        case .requestDuration: [("site", names.siteName(key.a))]
        case .bytes, .tcpBytes:
            [("site", names.siteName(key.a)), ("direction", key.b == 0 ? "in" : "out")]
        case .upstreamRetries, .upstreamLimits, .upstreamQueue, .upstreamRequests, .upstreamActive,
            .upstreamIdle, .upstreamUp, .upstreamFailures:
            upstreamLabels(key, family)
        case .earlyData:
            [
                ("listener", names.listenerName(key.a)),
                ("result", EarlyDataResult(rawValue: UInt8(key.b)).map { "\($0.label)" } ?? ""),
            ]
        case .tcpConnections: tcpLabels(key)
        case .staleEvents: []
        case .suites: [("listener", names.listenerName(key.a)), ("suite", names.reasonName(key.d))]
        case .groups: [("listener", names.listenerName(key.a)), ("group", names.reasonName(key.d))]
        }
    }

    private func upstreamLabels(_ key: SeriesKey, _ family: MetricFamily) -> [(String, String)] {
        switch family {
        case .upstreamRetries: serverLabels(key.a) + [("cause", retryCause(key.b))]
        case .upstreamLimits:
            [("backend", names.backendName(key.a)), ("limit", backendLimit(key.b))]
        case .upstreamQueue: [("backend", names.backendName(key.a))]
        case .upstreamRequests, .upstreamActive, .upstreamIdle, .upstreamUp: serverLabels(key.a)
        case .upstreamFailures: serverLabels(key.a) + [("reason", failureReason(key.b))]
        default: []
        }
    }

    private func failureReason(_ number: Int) -> String {
        UpstreamFailureReason(rawValue: UInt8(number)).map { "\($0.label)" } ?? ""
    }

    private func retryCause(_ number: Int) -> String {
        RetryLabel(rawValue: UInt8(number)).map { "\($0.label)" } ?? ""
    }

    private func backendLimit(_ number: Int) -> String {
        BackendLimitLabel(rawValue: UInt8(number)).map { "\($0.label)" } ?? ""
    }

    private func tcpLabels(_ key: SeriesKey) -> [(String, String)] {
        let result = TCPResult(rawValue: UInt8(key.b)).map { "\($0.label)" } ?? ""
        return [("site", names.siteName(key.a)), ("result", result)]
    }

    /// The labels of a server.
    func serverLabels(_ number: Int) -> [(String, String)] {
        let (backend, server) = names.serverNames(number)
        return [("backend", backend), ("server", server)]
    }

    /// Backslash, quote and line feed are escaped in label values.
    static func escaped(_ value: String) -> String {
        var result = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}

/// The methods that are labels of their own; any other is `other`.
public enum MethodLabel {
    /// In the order of `HTTP.Method`.
    static let all = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE", "other",
    ]

    static func name(_ index: Int) -> String { index < all.count ? all[index] : "other" }
}

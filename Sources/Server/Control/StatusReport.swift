internal import Platform
internal import Telemetry

/// What the running instance says about itself: the content of `/status` and of the status page.
struct StatusReport: Sendable {
    /// The version of Martlet, such as `1.0.0`.
    var version: String

    /// The commit that was built.
    var commit: String

    /// The version of OpenSSL that was found at run time.
    var opensslVersion: String

    /// The process.
    var pid: Int

    /// When the process started.
    var startedAt: WallTime

    /// How long the process has been running.
    var uptime: Duration

    /// The number of the configuration that is being served; it grows by one with each good reload.
    var generation: Int

    /// What the last reload came to; nil before the first.
    var lastReload: Reload?

    /// How many workers serve.
    var workers: Int

    /// How many connections of clients are open.
    var connectionsActive: Int

    /// How many requests have been answered since the start.
    var requestsTotal: Int

    /// Where connections are accepted.
    var listeners: [Listener]

    /// The sites in the order of the configuration.
    var sites: [Site]

    /// The backends in the order of the configuration.
    var backends: [Backend]

    /// A sample of the handshakes that failed last, the newest first.
    var handshakeFailures: [HandshakeFailureRecord] = []

    /// The result of a reload.
    struct Reload: Sendable {
        /// When it ended.
        var time: WallTime

        /// True exactly when the new configuration is being served.
        var ok: Bool

        /// Errors and warnings, a line each.
        var diagnostics: [String]
    }

    /// One listening address.
    struct Listener: Sendable {
        /// The address as it is bound.
        var address: String

        /// True exactly when clients must speak TLS.
        var tls: Bool

        /// True exactly when every request is answered with a redirect to `https`.
        var redirect: Bool
    }

    /// One site: hosts that share certificates and routes.
    struct Site: Sendable {
        /// The name, which is the first host.
        var name: String

        /// The hosts, wildcards included.
        var hosts: [String]

        /// The certificates that are being served.
        var certificates: [Certificate]
    }

    /// One certificate chain that is being served.
    struct Certificate: Sendable {
        /// The subject of the leaf.
        var subject: String

        /// The issuer of the leaf.
        var issuer: String

        /// The serial number in lower-case hexadecimal.
        var serial: String

        /// The SHA-256 of the leaf.
        var fingerprint: String

        /// The kind of key, such as `ECDSA P-256`.
        var keyKind: String

        /// The start of validity, in seconds since 1970.
        var notBefore: Int64

        /// The end of validity, in seconds since 1970.
        var notAfter: Int64

        /// Whole days left until `notAfter` when the report was asked for, negative once it has
        /// passed.
        var daysLeft = 0

        /// The file of the chain.
        var path: String

        /// What clients are told of its revocation.
        var staple = Staple()

        /// Counts the days that are left; one that has passed less than a day ago has -1.
        mutating func countDays(now: WallTime) {
            let left = notAfter - now.seconds
            daysLeft = Int(left >= 0 ? left / 86_400 : (left + 1) / 86_400 - 1)
        }
    }

    /// One backend: servers that share the load.
    struct Backend: Sendable {
        /// The name.
        var name: String

        /// The servers in the order of the configuration.
        var servers: [Upstream]

        /// The names that its servers are found by.
        var lookups: [Lookup] = []
    }

    /// A name that servers are found by.
    struct Lookup: Sendable, Equatable {
        /// The name.
        var name: String

        /// What is asked for: `addresses` or `services`.
        var kind: String

        /// What came of the last question: `success`, why it failed, or `waiting`.
        var state: String

        /// How many addresses or services are known.
        var found: Int

        /// When it is asked again, in seconds since 1970; nil for never.
        var nextRefresh: Int64?
    }

    /// One server of a backend.
    struct Upstream: Sendable {
        /// The name that metrics carry.
        var name: String

        /// The address that is connected to.
        var address: String

        /// True exactly when requests are being sent to it.
        var isUp = true

        /// What its checks and its answers have come to; nil where nobody looks after it.
        var health: HealthStatus?

        /// How many requests it gets beside others.
        var weight = 1

        /// True exactly when it is used only where no other server accepts requests.
        var isBackup = false

        /// True exactly when it takes no new clients, as an operator has asked.
        var isDrained = false

        /// In one word: `up`, `down`, `ejected` or `drained`.
        var state: String {
            isDrained ? "drained" : health?.state.rawValue ?? (isUp ? "up" : "down")
        }

        /// How many connections carry a request now.
        var connectionsActive = 0

        /// How many connections wait for the next request.
        var connectionsIdle = 0

        /// How many requests were sent since the start.
        var requests = 0

        /// How many requests failed since the start.
        var failures = 0
    }
}

internal import Config
internal import Proxy
internal import TLS

/// The TLS contexts of a configuration: one for each offer that differs, however many listeners
/// and sites there are.
struct ContextSet {
    /// What makes two contexts one.
    private struct Setting: Equatable {
        let policy: TLSPolicy
        let sitePolicies: [Int: TLSPolicy]
    }

    private let config: ProxyConfig
    private let hosts: CredentialStore
    private let ticketKeys: TicketKeys
    private let earlyData: EarlyDataGate?
    private var reader: PolicyReader
    private var keys: KeyCheck
    private var made: [(setting: Setting, context: TLSContext)] = []

    /// What has been found so far.
    var diagnostics: [Diagnostic] { reader.diagnostics + keys.diagnostics }

    /// Begins with a configuration and the sites that it came to.
    init(
        _ config: ProxyConfig, hosts: CredentialStore, ticketKeys: TicketKeys,
        earlyData: EarlyDataGate? = nil, file: String
    ) {
        self.config = config
        self.hosts = hosts
        self.ticketKeys = ticketKeys
        self.earlyData = earlyData
        reader = PolicyReader(file: file)
        keys = KeyCheck(config, hosts: hosts, file: file)
        // What no listener uses is judged all the same.
        if !config.listeners.contains(where: { $0.tls && $0.offer == config.tls.offer }) {
            _ = reader.policy(config.tls.offer, at: SourceMark())
        }
    }

    /// The context of a listener; nil where its offer has mistakes, which are among the
    /// diagnostics.
    mutating func context(of listener: ListenerConfig) throws(TLSError) -> TLSContext? {
        let setting = setting(of: listener)
        guard !reader.diagnostics.contains(where: { $0.severity == .error }) else { return nil }
        if let known = made.first(where: { $0.setting == setting }) { return known.context }
        keys.look(listener, policy: setting.policy, sitePolicies: setting.sitePolicies)
        let context = try TLSContext(
            store: hosts, policy: setting.policy, sitePolicies: setting.sitePolicies,
            alpn: ["http/1.1"], ticketKeys: ticketKeys,
            ticketLifetime: Int(config.tls.ticketLifetime.components.seconds), earlyData: earlyData)
        made.append((setting, context))
        return context
    }

    private mutating func setting(of listener: ListenerConfig) -> Setting {
        let policy = reader.policy(listener.offer, at: listener.mark)
        var sitePolicies: [Int: TLSPolicy] = [:]
        for (index, site) in config.sites.enumerated() where !site.tls.override.isEmpty {
            let offer = site.tls.override.applied(to: listener.offer)
            let own = reader.policy(offer, at: site.mark)
            if own != policy { sitePolicies[index] = own }
        }
        return Setting(policy: policy, sitePolicies: sitePolicies)
    }
}

internal import Config
internal import Proxy
internal import TLS
internal import Telemetry

extension SnapshotBuilder {
    /// A site whose bytes are passed on; nil where it has requests.
    func tcpSite(_ site: SiteConfig) -> SitePlan? {
        guard site.service != .http, let group = site.routes.first?.backend else { return nil }
        let plan = TCPPlan(name: site.name, label: registry.site(site.name), group: group)
        return SitePlan(plan, endsTLS: site.service == .tcp)
    }

    /// Where a listener passes all bytes to, which is called by its address; nil where it serves
    /// sites.
    func tcpPlan(_ listener: ListenerConfig, at address: AddressConfig) -> TCPPlan? {
        listener.backend.map { backend in
            let name = address.description
            return TCPPlan(name: name, label: registry.site(name), group: backend)
        }
    }
}

extension SiteService {
    /// What the configuration calls so.
    init(_ config: SiteProtocol) {
        switch config {
        case .http: self = .http
        case .tcp: self = .tcp
        case .passthrough: self = .passthrough
        }
    }
}

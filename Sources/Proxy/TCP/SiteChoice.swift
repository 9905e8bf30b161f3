internal import TLS

/// What a connection needs until it is known whether it speaks HTTP: the snapshot that it was
/// accepted under, whose numbers its session and its listener speak of, and the ClientHello so far.
///
/// Made only where something is not HTTP. Worker only.
final class SiteChoice {
    let installed: InstalledSnapshot
    /// Where all bytes of its listener went when it was accepted; nil where sites are served.
    let plan: TCPPlan?
    /// Reads the ClientHello before anybody else; nil where TLS ends here in any case, and from
    /// then on when that is certain.
    var scanner: ClientHelloScanner?

    init(installed: InstalledSnapshot, plan: TCPPlan? = nil) {
        self.installed = installed
        self.plan = plan
        let mayPass = plan == nil && installed.snapshot.hosts.passesThrough
        scanner = mayPass ? ClientHelloScanner() : nil
    }
}

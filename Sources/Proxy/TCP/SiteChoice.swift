internal import TLS

/// What a connection needs until it is known whether it speaks HTTP: the snapshot that it was
/// accepted under, whose numbers its session speaks of, and the ClientHello so far.
///
/// Made only where the snapshot has a site that is not HTTP. Worker only.
final class SiteChoice {
    let installed: InstalledSnapshot
    /// Reads the ClientHello before anybody else; nil where TLS ends here in any case, and from
    /// then on when that is certain.
    var scanner: ClientHelloScanner?

    init(installed: InstalledSnapshot) {
        self.installed = installed
        scanner = installed.snapshot.hosts.passesThrough ? ClientHelloScanner() : nil
    }
}

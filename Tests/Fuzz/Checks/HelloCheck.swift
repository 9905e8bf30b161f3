import Bytes
import TLS

/// ClientHellos, as they are looked at before TLS.
public enum HelloCheck {
    /// Tries one input.
    public static func run(_ bytes: [UInt8]) throws(Broken) {
        let whole = ScannedHello(bytes, arrivals(bytes)[0])
        for ends in arrivals(bytes).dropFirst() {
            let parts = ScannedHello(bytes, ends)
            try require(parts == whole, "cut at \(ends) it is another ClientHello")
        }
        guard whole.outcome == .complete, let name = openSSL(bytes) else { return }
        try require(
            name == whole.serverName, "OpenSSL sees \(name ?? "no name") in place of \(whole)")
    }

    /// The name that OpenSSL sees; nil where it refuses the message before it has one.
    private static func openSSL(_ bytes: [UInt8]) -> String?? {
        guard let context, var session = try? TLSSession(context: context) else { return nil }
        var output = ByteQueue()
        var early = ByteQueue()
        _ = session.advance(bytes.span, earlyData: &early, output: &output)
        return session.site == nil ? nil : .some(session.serverName)
    }

    private static let context = try? TLSContext(
        store: CredentialStore(
            sites: [CredentialStore.Site(hosts: [], credentials: [], index: 0)], defaultSite: 0,
            rejectsUnknownHosts: false), policy: .intermediate, alpn: [],
        ticketKeys: TicketKeys())
}

/// What a scanner found.
private struct ScannedHello: Equatable {
    var outcome: ClientHelloScanner.Outcome
    var serverName: String?
    var protocols: [String]

    init(_ bytes: [UInt8], _ ends: [Int]) {
        var scanner = ClientHelloScanner()
        var start = 0
        for end in ends {
            _ = scanner.scan(bytes.span.extracting(start..<end))
            start = end
        }
        outcome = scanner.outcome
        serverName = scanner.serverName
        protocols = scanner.offeredProtocols
    }
}

import COpenSSL
import Testing

@testable import TLS

struct SessionObserverTests {
    /// An error that a client of TLS 1.3 called a warning passed for the proper end of its side.
    @Test(
        "In TLS 1.3 all alerts are errors but two, in TLS 1.2 those that say so",
        arguments: [
            (.tls13, 1, 0, false), (.tls13, 2, 0, false), (.tls13, 1, 90, false),
            (.tls13, 1, 80, true), (.tls13, 2, 80, true), (.tls13, 1, 112, true),
            (.tls12, 1, 0, false), (.tls12, 1, 90, false), (.tls12, 1, 112, false),
            (.tls12, 2, 80, true),
        ] as [(TLSVersion, Int32, Int32, Bool)])
    func alerts(_ version: TLSVersion, _ level: Int32, _ kind: Int32, _ isError: Bool) throws {
        let sites = try TestSites()
        var pair = try Handshake(sites.context(), sites.client(version))
        pair.run()
        // SAFETY: lifetime: the session lives as long as the handshake.
        unsafe observe(pair.server.channel.session, SSL_CB_READ_ALERT, level << 8 | kind)
        let alert = pair.server.clientAlert
        #expect(alert == (isError ? UInt8(kind) : nil))
    }

    /// Servers of TLS 1.2 warn of a name that they do not know before they say which version it is.
    @Test("While the version is not known, the level counts")
    func early() throws {
        let sites = try TestSites()
        var pair = try Handshake(sites.context(), sites.client())
        pair.begin()
        // SAFETY: lifetime: the session lives as long as the handshake.
        unsafe observe(pair.server.channel.session, SSL_CB_READ_ALERT, 1 << 8 | 112)
        let alert = pair.server.clientAlert
        #expect(alert == nil)
        unsafe observe(pair.server.channel.session, SSL_CB_READ_ALERT, 2 << 8 | 112)
        let fatal = pair.server.clientAlert
        #expect(fatal == 112)
    }
}

import Config
import Platform
import Proxy
import TLS
import Telemetry
import TestSupport
import Testing

@testable import Server

struct CheckProbeTests {
    /// Drives a check of `subject` to its verdict, as the health thread does.
    private func verdict(of subject: HealthSubject, _ check: HealthConfig) throws -> CheckVerdict {
        let start = MonotonicTime.now()
        let probe = try CheckProbe(subject, check, token: 1, now: start)
        var poller = try Poller(maximumEvents: 4)
        try poller.add(
            probe.rawDescriptor, token: 1,
            interest: [.readable, .writable, .peerClosed, .edgeTriggered])
        while true {
            let count = poller.wait(until: start + .seconds(60), now: MonotonicTime.now())
            guard count > 0 || MonotonicTime.now() < start + .seconds(60) else {
                throw TestFailure("no verdict")
            }
            for index in 0..<count {
                if let verdict = probe.advance(poller.event(index)) { return verdict }
            }
        }
    }

    /// How a server ends its answer.
    enum Ending: CaseIterable {
        /// By its length.
        case counted
        /// By `close_notify`.
        case closed
        /// By FIN alone.
        case cut
    }

    /// Without `close_notify` anybody on the way may have ended it (RFC 8446 §6.1): what has
    /// come says nothing of the server, which did not answer, and nothing else either.
    @Test(
        "Over TLS an answer that was cut is none, and one that has ended is judged",
        arguments: [
            (Ending.counted, HealthCheckResult.body), (.closed, .body), (.cut, .closed),
        ])
    func endings(_ ending: Ending, _ result: HealthCheckResult) throws {
        let authority = try TestAuthority()
        let origin = try TLSOrigin(try authority.issue("origin.test")) { connection in
            _ = connection.readHead()
            let length = ending == .counted ? "Content-Length: 7\r\n" : ""
            connection.send("HTTP/1.1 200 OK\r\n\(length)\r\nI am il")
            if ending == .closed { connection.close() }
            connection.finish()
            connection.readToEnd()
        }
        var subject = HealthSubject(
            label: MetricsRegistry().server(backend: "b", server: "s"), backend: "b", name: "s",
            address: origin.address)
        subject.tls = ServerTLS(
            context: try TLSClientContext(trusted: authority.pair.certificate),
            serverName: "origin.test")
        var check = HealthConfig()
        check.body = "I am well"
        let verdict = try verdict(of: subject, check)
        #expect(verdict.result == result, "\(verdict)")
        #expect(!verdict.isPassed)
        if ending == .cut { #expect(verdict.cause == "it closed in the middle of the TLS session") }
    }

    /// Tickets are no answer, and each is read without a word of plaintext: a server that sends
    /// them as fast as they are read held the thread of all checks.
    @Test("A server that sends TLS tickets without end fails the check")
    func tickets() throws {
        let folder = try TemporaryFolder()
        let authority = try TestAuthority()
        try TestAuthority.write(try authority.issue("origin.test"), as: "server", in: folder)
        let address = try SocketAddress.vacant()
        let server = try RunningProcess(
            "openssl",
            [
                "s_server", "-accept", "127.0.0.1:\(address.port ?? 0)", "-www", "-tls1_3",
                "-quiet", "-cert", folder.path("server.pem"), "-key", folder.path("server.key"),
                "-num_tickets", "\(CheckProbe.limit / 100)",
            ])
        let end = MonotonicTime.now() + .seconds(20)
        while (try? Peer(address)) == nil {
            guard MonotonicTime.now() < end else { throw TestFailure(server.errors.text) }
        }
        var subject = HealthSubject(
            label: MetricsRegistry().server(backend: "b", server: "s"), backend: "b", name: "s",
            address: address)
        subject.tls = ServerTLS(
            context: try TLSClientContext(trusted: authority.pair.certificate),
            serverName: "origin.test")
        let verdict = try verdict(of: subject, HealthConfig())
        #expect(verdict.cause == "it sends without end", "\(server.errors.text)")
        #expect(verdict.result == .malformed)
    }

    @Test("An answer that is cut within its head is none", arguments: [true, false])
    func head(isTLS: Bool) throws {
        let authority = try TestAuthority()
        let sealed = try TLSOrigin(try authority.issue("origin.test")) { connection in
            _ = connection.readHead()
            connection.send("HTTP/1.1 200 OK\r\n")
            connection.finish()
            connection.readToEnd()
        }
        let plain = try Origin { connection in
            _ = connection.readHead()
            connection.send("HTTP/1.1 200 OK\r\n")
            connection.finish()
            _ = connection.readToEnd()
        }
        var subject = HealthSubject(
            label: MetricsRegistry().server(backend: "b", server: "s"), backend: "b", name: "s",
            address: isTLS ? sealed.address : plain.address)
        if isTLS {
            subject.tls = ServerTLS(
                context: try TLSClientContext(trusted: authority.pair.certificate),
                serverName: "origin.test")
        }
        #expect(try verdict(of: subject, HealthConfig()).result == .closed)
    }
}

import Foundation
import Platform
import TLS
import TestSupport
import Testing

/// Certificates near their end, as the log and the metrics tell of them.
@Suite struct ExpiryTests {
    /// Sites with certificates that are valid for 2 hours and 100 days; `warning` before their end
    /// they are warned of.
    private func start(warning: String) throws -> MartletInstance {
        func site(_ host: String, _ file: String) -> String {
            """
              - hosts: ["\(host)"]
                certificates: [{ chain: "\(file).pem", key: "\(file).key" }]
                backend: "http://127.0.0.1:9"

            """
        }
        return try MartletInstance(
            sites: site("short.test", "short") + site("long.test", "long")
                + site("also.test", "short"),
            more: "tls: { expiry_warning: \(warning) }"
        ) { folder, authority in
            try TestAuthority.write(
                try authority.issue("short.test", "also.test", validity: .seconds(7_200)),
                as: "short", in: folder)
            try TestAuthority.write(
                try authority.issue("long.test", validity: .seconds(100 * 86_400)),
                as: "long", in: folder)
        }
    }

    private func events(_ martlet: MartletInstance) -> [String] {
        martlet.process.errors.all.filter { $0.contains(" certificate.expir") }
    }

    /// The site and the value of each sample of the warning.
    private func warnings(_ martlet: MartletInstance) throws -> [String: String] {
        let lines = try martlet.ask("/metrics").body.split(separator: "\n").filter {
            $0.hasPrefix("martlet_tls_certificate_expiry_warning{")
        }
        var result: [String: String] = [:]
        for line in lines {
            let site = line.split(separator: "\"")[1]
            result[String(site)] = String(line.suffix(1))
        }
        return result
    }

    @Test("A certificate that expires soon is spoken of at start and at reload, once for its sites")
    func soon() throws {
        let martlet = try start(warning: "1d")
        let first = events(martlet)
        #expect(first.count == 1, "\(first)")
        let line = try #require(first.first)
        #expect(line.contains(" warning certificate.expiring site=short.test serial="))
        #expect(line.contains("/short.pem"))
        #expect(line.contains(" not_after="))
        #expect(line.hasSuffix(" days_left=0"))
        #expect(try warnings(martlet) == ["short.test": "1", "also.test": "1", "long.test": "0"])
        try martlet.reload()
        #expect(events(martlet).count == 2)
    }

    @Test("What has more time than configured is not spoken of, until a reload asks for more")
    func configured() throws {
        let martlet = try start(warning: "1h")
        #expect(events(martlet) == [])
        #expect(try warnings(martlet) == ["short.test": "0", "also.test": "0", "long.test": "0"])
        let path = martlet.folder.path("martlet.yaml")
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let changed = text.replacingOccurrences(of: "1h", with: "101d")
        try martlet.folder.write(changed, to: "martlet.yaml")
        try martlet.reload()
        #expect(events(martlet).count == 2)
        #expect(try warnings(martlet) == ["short.test": "1", "also.test": "1", "long.test": "1"])
    }

    @Test("An expired certificate is an error in the log, and is served all the same")
    func expired() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address), more: "workers: 1"
        ) { folder, authority in
            try TestAuthority.write(
                try authority.issue("localhost", validity: .seconds(-60)), as: "cert", in: folder)
        }
        let lines = events(martlet)
        #expect(lines.count == 1)
        #expect(lines.first?.contains(" error certificate.expired site=localhost ") == true)
        #expect(try warnings(martlet) == ["localhost": "1"])
        let careless = try TLSClientContext(trusted: nil)
        let peer = try Peer(martlet.address, tls: careless, serverName: "localhost")
        try peer.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try peer.reply().status == 200)
    }

    /// What backends show was left out of the watch, so that servers refused everything one day.
    @Test("A certificate that is shown to servers is spoken of as a site's is")
    func backends() throws {
        let martlet = try MartletInstance(
            sites: MartletInstance.site(.ipv4(0x7f00_0001, port: 9)) + """

                  - hosts: [more.test]
                    certificates: [{ chain: cert.pem, key: cert.key }]
                    routes: [{ path: /a, backend: soon }, { path: /b, backend: past }]
                """,
            more: """
                tls: { expiry_warning: 2h }
                backends:
                  soon: { servers: "127.0.0.1:9", tls: { certificate: s.pem, key: s.key } }
                  past: { servers: "127.0.0.1:9", tls: { certificate: p.pem, key: p.key } }
                """
        ) { folder, authority in
            try TestAuthority.write(
                try authority.issue("localhost", validity: .seconds(100 * 86_400)), as: "cert",
                in: folder)
            for (name, seconds) in [("s", 3_600), ("p", -60)] {
                try TestAuthority.write(
                    try authority.issue("client.test", validity: .seconds(seconds)), as: name,
                    in: folder)
            }
        }
        let lines = events(martlet)
        #expect(lines.count == 2, "\(lines)")
        #expect(lines.contains { $0.contains(" error certificate.expired backend=past serial=") })
        let line = lines.first { $0.contains(" warning certificate.expiring backend=soon ") }
        #expect(line?.contains("/s.pem not_after=") == true && line?.hasSuffix("=0") == true)
        let text = try martlet.ask("/metrics").body.split(separator: "\n")
        for (name, value) in [("soon", "1"), ("past", "1")] {
            let begin = "martlet_tls_certificate_expiry_warning{backend=\"\(name)\",serial=\""
            #expect(text.contains { $0.hasPrefix(begin) && $0.hasSuffix(" \(value)") })
            let end =
                "martlet_tls_certificate_not_after_timestamp_seconds{backend=\"\(name)\",serial="
            #expect(text.contains { $0.hasPrefix(end) })
        }
        try TestAuthority.write(
            try martlet.authority.issue("client.test", validity: .seconds(100 * 86_400)),
            as: "p", in: martlet.folder)
        try martlet.process.errors.wait(for: " certificate.replaced ")
        #expect(events(martlet).count == 3)
        #expect(try warnings(martlet)["past"] == "0" && warnings(martlet)["soon"] == "1")
    }

    @Test("A revocation list is told with its end, and spoken of when that is near or has passed")
    func revocationLists() throws {
        let authority = try ClientAuthority()
        let soon = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded() + 7_200)
        let style = Date.VerbatimFormatStyle(
            format: """
                \(year: .padded(4))\(month: .twoDigits)\(day: .twoDigits)\
                \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased))\
                \(minute: .twoDigits)\(second: .twoDigits)Z
                """, timeZone: .gmt, calendar: Calendar(identifier: .gregorian))
        let martlet = try MartletInstance(
            sites: MartletInstance.site(.ipv4(0x7f00_0001, port: 9)) + """

                    tls: { client_certificates: { mode: optional, ca: ca.pem, crl: list.pem } }
                """
        ) { folder, _ in
            try write(authority.certificate, "ca.pem", folder)
            try write(authority.revocationList(), "list.pem", folder)
        }
        func lines(_ event: String) -> [String] {
            martlet.process.errors.all.filter { $0.contains(" tls.crl.\(event) ") }
        }
        let series = "martlet_tls_crl_next_update_timestamp_seconds{site=\"localhost\"}"
        let week = Date().timeIntervalSince1970 + 7 * 86_400
        #expect(abs(try martlet.metric(series) - week) < 600)
        #expect(lines("expiring") + lines("expired") == [])

        try write(authority.revocationList(end: soon.formatted(style)), "list.pem", martlet.folder)
        try martlet.process.errors.wait(for: "config.reloaded")
        #expect(try martlet.metric(series) == soon.timeIntervalSince1970)
        #expect(lines("expiring").count == 1 && lines("expired") == [])
        let line = try #require(lines("expiring").first)
        #expect(line.contains(" warning tls.crl.expiring site=localhost issuer=\"CN=Clients\" "))
        #expect(line.contains("/list.pem next_update=\(soon.formatted(.iso8601).dropLast())"))

        try write(authority.revocationList(end: "20210101000000Z"), "list.pem", martlet.folder)
        try martlet.process.errors.wait(for: "config.reloaded", count: 2)
        #expect(try martlet.metric(series) == 1_609_459_200)
        #expect(lines("expired").count == 1)
        #expect(lines("expired").first?.contains(" error tls.crl.expired site=localhost ") == true)
    }

    private func write(_ bytes: [UInt8], _ name: String, _ folder: TemporaryFolder) throws {
        try folder.write(String(decoding: bytes, as: UTF8.self), to: name)
    }
}

import Foundation
import Testing

@testable import Server

struct StatusReportTests {
    @Test("The status comes back through another parser with every member")
    func status() throws {
        let object = try parse(Samples.report(mark: "\"<\n").json())
        #expect(object["version"] as? String == "1.2.3")
        #expect(object["pid"] as? Int == 42)
        #expect(object["started_at"] as? String == "1970-01-01T00:00:00.000Z")
        #expect(object["uptime_seconds"] as? Double == 93_784)
        let reload = try #require(object["last_reload"] as? [String: Any])
        #expect(reload["ok"] as? Bool == false)
        #expect(reload["diagnostics"] as? [String] == ["m.yaml:1:2: error: no\"<\n"])
        let backends = try #require(object["backends"] as? [[String: Any]])
        let servers = try #require(backends.first?["servers"] as? [[String: Any]])
        #expect(servers.first?["name"] as? String == "one\"<\n")
        #expect(servers.first?["up"] as? Bool == false)
        #expect(servers.first?["failures_total"] as? Int == 4)
    }

    @Test("A server has one word for its state, and an operator's goes before all others")
    func state() throws {
        var report = Samples.report()
        #expect(report.backends[0].servers[0].state == "down")
        report.backends[0].servers[0].isUp = true
        #expect(report.backends[0].servers[0].state == "up")
        report.backends[0].servers[0].isDrained = true
        report.backends[0].servers[0].weight = 3
        let backends = try #require(try parse(report.serversJSON())["backends"] as? [[String: Any]])
        let server = try #require((backends.first?["servers"] as? [[String: Any]])?.first)
        #expect(server["state"] as? String == "drained")
        #expect(server["weight"] as? Int == 3)
        #expect(server["backup"] as? Bool == false)
    }

    @Test("Before the first reload there is none")
    func noReload() throws {
        var report = Samples.report()
        report.lastReload = nil
        #expect(try parse(report.json())["last_reload"] is NSNull)
    }

    @Test("The certificates carry their dates and the days that are left")
    func certificates() throws {
        let object = try parse(Samples.report().certificatesJSON())
        let sites = try #require(object["sites"] as? [[String: Any]])
        let certificates = try #require(sites.first?["certificates"] as? [[String: Any]])
        #expect(certificates.first?["not_after"] as? String == "2026-11-21T03:29:11.000Z")
        #expect(certificates.first?["days_left"] as? Int == 20)
        #expect(certificates.first?["serial"] as? String == "0a1b")
    }

    private func parse(_ bytes: [UInt8]) throws -> [String: Any] {
        let parsed = try JSONSerialization.jsonObject(with: Foundation.Data(bytes))
        return try #require(parsed as? [String: Any])
    }
}

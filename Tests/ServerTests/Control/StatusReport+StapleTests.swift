import Foundation
import Platform
import Testing

@testable import Server
@testable import TLS
@testable import Telemetry

struct StatusReportStapleTests {
    private static let now = WallTime(seconds: 1_000)

    /// What is known of a certificate that is looked after.
    private static func record(
        _ source: StapleRecord.Source? = .fetched, _ reason: String? = nil, isRevoked: Bool = false
    ) -> StapleRecord {
        var record = StapleRecord()
        record.source = source
        record.isRevoked = isRevoked
        record.trouble = reason.map { .init(time: now, reason: $0, isRevocation: isRevoked) }
        return record
    }

    private static func staple(until end: Int64) -> OCSPStaple {
        OCSPStaple(bytes: [], thisUpdate: 900, nextUpdate: end)
    }

    @Test(
        "The state is what clients are sent, and why",
        arguments: [
            (nil, nil, .none), (nil, record(nil), .none), (nil, record(nil, "down"), .none),
            (nil, record(), .waiting), (nil, record(.file, "stale"), .failed),
            (nil, record(.fetched, "key lost", isRevoked: true), .revoked),
            (staple(until: 1_001), nil, .none), (staple(until: 1_001), record(), .good),
            (staple(until: 1_001), record(.fetched, "down"), .good),
            (staple(until: 1_000), record(), .failed),
        ] as [(OCSPStaple?, StapleRecord?, StatusReport.Staple.State)])
    func state(staple: OCSPStaple?, record: StapleRecord?, expected: StatusReport.Staple.State) {
        let told = StatusReport.Staple(staple, record, now: Self.now)
        #expect(told.state == expected)
        #expect((told.nextUpdate != nil) == (expected == .good))
        #expect((told.source == nil) == (expected == .none))
    }

    @Test("The report carries the times, the source and the last error")
    func json() throws {
        var report = Samples.report()
        report.sites[0].certificates[0].staple = StatusReport.Staple(
            Self.staple(until: 2_000), Self.record(.fetched, "no \"luck\""), now: Self.now)
        for bytes in [report.json(), report.certificatesJSON()] {
            let told = try members(bytes)
            #expect(told["state"] as? String == "good")
            #expect(told["source"] as? String == "fetched")
            #expect(told["this_update"] as? String == "1970-01-01T00:15:00.000Z")
            #expect(told["next_update"] as? String == "1970-01-01T00:33:20.000Z")
            #expect(told["last_error"] as? String == "no \"luck\"")
            #expect(told["last_error_at"] as? String == "1970-01-01T00:16:40.000Z")
        }
    }

    @Test("Without a staple every member is there, and null but for the state")
    func nothing() throws {
        let told = try members(Samples.report().json())
        #expect(told["state"] as? String == "none")
        #expect(told.count == 6 && told.values.filter { $0 is NSNull }.count == 5)
    }

    private func members(_ bytes: [UInt8]) throws -> [String: Any] {
        let parsed = try JSONSerialization.jsonObject(with: Foundation.Data(bytes))
        let sites = try #require((parsed as? [String: Any])?["sites"] as? [[String: Any]])
        let certificates = try #require(sites.first?["certificates"] as? [[String: Any]])
        return try #require(certificates.first?["staple"] as? [String: Any])
    }
}

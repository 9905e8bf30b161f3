import Platform
import Testing

@testable import Telemetry

@Suite struct StapleFactsTests {
    @Test("The staples of a site are told by their end, and attempts by what they came to")
    func exposition() throws {
        let registry = MetricsRegistry()
        registry.updateStaples { facts in
            facts.expiries["a.test"] = 1_795_231_751
            facts.count(.success, site: "a.test")
            facts.count(.success, site: "a.test")
            facts.count(.revoked, site: "a.test")
        }
        let text = try ExpositionText(registry.render(.openMetrics))
        let expiry = "martlet_tls_ocsp_staple_expiry_timestamp_seconds"
        #expect(text[expiry, ["site": "a.test"]] == 1_795_231_751)
        for (result, count) in [("success", 2.0), ("failure", 0), ("revoked", 1)] {
            let labels = ["site": "a.test", "result": result]
            #expect(text["martlet_tls_ocsp_refreshes_total", labels] == count)
        }
    }

    @Test("A site that is gone is told of no more, and one that stays keeps its counts")
    func gone() {
        var facts = StapleFacts()
        for site in ["a.test", "b.test"] {
            facts.expiries[site] = 1
            facts.count(.failure, site: site)
        }
        facts.keep(only: ["b.test"])
        #expect(facts.expiries == ["b.test": 1])
        #expect(facts.refreshes == ["b.test": [.failure: 1]])
    }

    @Test("What went wrong with a certificate is told until a good response comes")
    func trouble() {
        var facts = StapleFacts()
        let down = StapleRecord.Trouble(time: WallTime(seconds: 1), reason: "down")
        facts.follow(["aa": .fetched, "bb": .file])
        facts.failed("aa", down)
        #expect(facts.records["aa"]?.trouble == down)
        #expect(facts.records["aa"]?.isRevoked == false)
        #expect(facts.records["bb"]?.trouble == nil)
        facts.succeeded("aa")
        #expect(facts.records["aa"]?.trouble == nil)
    }

    @Test("A certificate stays revoked, whatever goes wrong later, until it is said to be good")
    func revoked() {
        var facts = StapleFacts()
        facts.failed(
            "aa", .init(time: WallTime(seconds: 1), reason: "key lost", isRevocation: true))
        facts.failed("aa", .init(time: WallTime(seconds: 2), reason: "down"))
        #expect(facts.records["aa"]?.isRevoked == true)
        #expect(facts.records["aa"]?.trouble?.reason == "down")
        facts.succeeded("aa")
        #expect(facts.records["aa"]?.isRevoked == false)
    }

    @Test("A certificate that is followed on keeps what is known of it; another is forgotten")
    func followed() {
        var facts = StapleFacts()
        facts.failed("aa", .init(time: WallTime(seconds: 1), reason: "before it was followed"))
        facts.failed("bb", .init(time: WallTime(seconds: 1), reason: "down"))
        facts.follow(["aa": .file])
        #expect(facts.records.keys.sorted() == ["aa"])
        #expect(facts.records["aa"]?.source == .file)
        #expect(facts.records["aa"]?.trouble?.reason == "before it was followed")
    }
}

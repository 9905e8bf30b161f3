import Bytes
import Config
import HTTP
import Testing

@testable import Proxy

@Suite("SiteFields")
struct SiteFieldsTests {
    private static let year = HSTSConfig()
    private static let protection = [
        "X-Content-Type-Options: nosniff", "X-Frame-Options: SAMEORIGIN",
        "Referrer-Policy: strict-origin-when-cross-origin",
    ]

    /// The fields that a client gets where the backend sent `lines`.
    private func fields(_ lines: [String], _ site: SiteFields, isTLS: Bool = true) throws
        -> [String]
    {
        let text = (["HTTP/1.1 200 OK"] + lines).map { $0 + "\r\n" }.joined() + "\r\n"
        let result = try withResponse(text) { response in
            var queue = ByteQueue()
            Forwarding.appendResponseHead(
                response, bodyForm: .asReceived, persistence: .goesOn, site: site, isTLS: isTLS,
                to: &queue)
            return String(copying: queue.bytes)
        }
        return result.dropLast(1).split(separator: "\r\n").dropFirst().map(String.init)
    }

    @Test(
        "HSTS says what is configured",
        arguments: [
            (HSTSConfig(), "max-age=31536000"), (HSTSConfig(maxAge: .zero), "max-age=0"),
            (HSTSConfig(includesSubdomains: true), "max-age=31536000; includeSubDomains"),
            (
                HSTSConfig(
                    maxAge: .seconds(63_072_000), includesSubdomains: true, preloads: true),
                "max-age=63072000; includeSubDomains; preload"
            ),
        ])
    func transportSecurity(config: HSTSConfig, value: String) throws {
        let site = SiteFields(hsts: config, securityHeaders: false)
        #expect(try fields([], site) == ["Strict-Transport-Security: \(value)"])
    }

    @Test("What is configured stands in place of all that the backend sends, in any case")
    func replaced() throws {
        let site = SiteFields(hsts: SiteFieldsTests.year, securityHeaders: false)
        #expect(
            try fields(
                [
                    "strict-transport-security: max-age=1", "A: 1",
                    "STRICT-Transport-Security: max-age=2; preload",
                ], site) == ["A: 1", "Strict-Transport-Security: max-age=31536000"])
    }

    @Test("Where nothing is configured, the backend's own passes")
    func passed() throws {
        let own = ["Strict-Transport-Security: max-age=1", "X-Frame-Options: DENY"]
        #expect(try fields(own, .none) == own)
        #expect(try fields(own, .none, isTLS: false) == own)
        let site = SiteFields(hsts: nil, securityHeaders: true)
        #expect(try fields(own, site).filter { $0.hasPrefix("Strict") } == [own[0]])
    }

    /// RFC 6797 §7.2.
    @Test("Over plain HTTP a site with HSTS says nothing of it")
    func plain() throws {
        let site = SiteFields(hsts: SiteFieldsTests.year, securityHeaders: false)
        #expect(try fields(["Strict-Transport-Security: max-age=1"], site, isTLS: false) == [])
    }

    @Test("Each security field is added where the backend sent none of its name")
    func protection() throws {
        let site = SiteFields(hsts: nil, securityHeaders: true)
        #expect(try fields([], site) == SiteFieldsTests.protection)
        #expect(try fields([], site, isTLS: false) == SiteFieldsTests.protection)
        let own = [
            "x-content-type-options: other", "x-frame-options: DENY", "referrer-policy: origin",
        ]
        for (index, line) in own.enumerated() {
            var others = SiteFieldsTests.protection
            others.remove(at: index)
            #expect(try fields([line], site) == [line] + others)
        }
        #expect(try fields(own, site) == own)
        let similar = ["X-Frame-Option: DENY", "X-Frame-Optionss: DENY", "Referrer-Polity: a"]
        #expect(try fields(similar, site) == similar + SiteFieldsTests.protection)
    }

    @Test("A field that the backend takes back with Connection does not count")
    func hopByHop() throws {
        let site = SiteFields(hsts: nil, securityHeaders: true)
        #expect(
            try fields(["X-Frame-Options: DENY", "Connection: x-frame-options"], site)
                == SiteFieldsTests.protection)
    }

    @Test("Our own answers have the site's fields, too", arguments: [true, false])
    func ownAnswers(isTLS: Bool) {
        let site = SiteFields(hsts: SiteFieldsTests.year, securityHeaders: true)
        let text = written {
            LocalAnswer.append(
                ProxyError(.noRoute), isHead: false, persistence: .goesOn, fields: FieldBlock(),
                site: site, isTLS: isTLS, to: &$0)
        }
        let line = "\r\nStrict-Transport-Security: max-age=31536000\r\n"
        #expect(text.contains(line) == isTLS)
        for line in SiteFieldsTests.protection { #expect(text.contains("\r\n\(line)\r\n")) }
    }
}

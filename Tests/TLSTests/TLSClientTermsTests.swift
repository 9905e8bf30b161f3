import TestSupport
import Testing

@testable import TLS

struct TLSClientTermsTests {
    @Test("Equal terms are one identity wherever they were read, and others are another")
    func identity() throws {
        let sites = try TestSites()
        let other = try TestSites()
        let authorities = { (sites: TestSites) in
            try ClientAuthorities(pem: sites.authority.pair.certificate)
        }
        let plain = TLSClientTerms(authorities: try authorities(sites))
        #expect(plain.identity == TLSClientTerms(authorities: try authorities(sites)).identity)
        let pin = try #require(
            PublicKeyPin("sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="))
        var all = [plain, TLSClientTerms(authorities: nil)]
        all.append(TLSClientTerms(authorities: try authorities(other)))
        var changed = plain
        changed.pins = [pin]
        all.append(changed)
        changed = plain
        changed.credential = try sites.credential("client.test")
        all.append(changed)
        changed = plain
        changed.versions = .tls13 ... .tls13
        all.append(changed)
        changed = plain
        changed.applicationProtocol = "h2"
        all.append(changed)
        for _ in 0..<2 {
            changed = plain
            changed.lists = [try RevocationLists(ClientAuthority().revocationList())]
            all.append(changed)
        }
        #expect(Set(all.map(\.identity)).count == all.count)
    }
}

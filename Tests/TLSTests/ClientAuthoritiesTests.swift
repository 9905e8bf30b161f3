import TestSupport
import Testing

@testable import TLS

struct ClientAuthoritiesTests {
    @Test("Every certificate of the file counts")
    func many() throws {
        let first = try TestAuthority().pair.certificate
        let second = try TestAuthority().pair.certificate
        let authorities = try ClientAuthorities(pem: Array("text\n".utf8) + first + second)
        #expect(authorities.encodings.count == 2)
        #expect(Set(authorities.encodings).count == 2)
    }

    @Test("Those that have expired are named, from their last second on")
    func expired() throws {
        let authorities = try ClientAuthorities(pem: TestAuthority().pair.certificate)
        #expect(authorities.expired(at: 0).isEmpty)
        #expect(authorities.expired(at: .max) == ["CN=Test CA"])
    }

    @Test("A file without certificates, or with a broken one, is refused")
    func broken() throws {
        let good = try TestAuthority().pair.certificate
        let broken = good.prefix(good.count / 2) + Array("\n-----END CERTIFICATE-----\n".utf8)
        for pem in [[], Array("nothing\n".utf8), Array(broken), good + Array(broken)] {
            #expect(throws: TLSError.self) { try ClientAuthorities(pem: pem) }
            #expect(ErrorQueue.take() == nil)
        }
    }
}

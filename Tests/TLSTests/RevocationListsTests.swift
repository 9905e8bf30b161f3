import Foundation
import TestSupport
import Testing

@testable import TLS

struct RevocationListsTests {
    @Test("Lists are read in PEM, one or many, and in DER")
    func forms() throws {
        let (first, second) = (try ClientAuthority(), try ClientAuthority())
        let one = try first.revocationList(end: "20210101000000Z")
        let two = try second.revocationList(end: "20220101000000Z")
        let both = try RevocationLists(one + two)
        #expect(both.encodings.count == 2)
        #expect(both.nextUpdate == 1_609_459_200 && both.lastUpdate == 1_577_836_800)
        let expected = RevocationLists.Term(
            issuer: "CN=Clients", lastUpdate: 1_577_836_800, nextUpdate: 1_609_459_200)
        #expect(both.earliest == expected)
        let text = String(decoding: two, as: UTF8.self)
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("-----") }
        let binary = try #require(Data(base64Encoded: lines.joined()))
        let list = try RevocationLists(Array(binary))
        #expect(list.encodings == [Array(binary)])
        #expect(list.nextUpdate == 1_640_995_200)
    }

    @Test("A file without lists, or with a broken one, is refused")
    func broken() throws {
        let good = try ClientAuthority().revocationList()
        let broken = good.prefix(good.count / 2) + Array("\n-----END X509 CRL-----\n".utf8)
        for bytes in [[], Array("nothing\n".utf8), Array(broken), good + Array(broken), [0x30, 3]] {
            #expect(throws: TLSError.self) { try RevocationLists(bytes) }
            #expect(ErrorQueue.take() == nil)
        }
    }
}

import Foundation
import TestSupport
import Testing

@testable import TLS

struct RevocationListsTests {
    @Test("Lists are read in PEM, one or many, and in DER")
    func forms() throws {
        let (first, second) = (try ClientAuthority("First"), try ClientAuthority("Second"))
        let one = try first.revocationList(end: "20210101000000Z")
        let two = try second.revocationList(end: "20220101000000Z")
        let both = try RevocationLists(one + two)
        #expect(both.encodings.count == 2)
        #expect(both.nextUpdate == 1_609_459_200 && both.lastUpdate == 1_577_836_800)
        let expected = RevocationLists.Term(
            issuer: "CN=First", lastUpdate: 1_577_836_800, nextUpdate: 1_609_459_200)
        #expect(both.earliest == expected)
        let text = String(decoding: two, as: UTF8.self)
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("-----") }
        let binary = try #require(Data(base64Encoded: lines.joined()))
        let list = try RevocationLists(Array(binary))
        #expect(list.encodings == [Array(binary)])
        #expect(list.nextUpdate == 1_640_995_200)
    }

    /// A list that had been replaced was taken for the end of all.
    @Test("Of several lists of an authority the newest counts, in one file or in several")
    func replaced() throws {
        let (first, second) = (try ClientAuthority("First"), try ClientAuthority("Second"))
        let lists = [
            try first.revocationList(end: "20210101000000Z", namesKey: true),
            try first.revocationList(end: "20230101000000Z", namesKey: true),
            try second.revocationList(end: "20220101000000Z", namesKey: true),
            // Nobody knows whose of two authorities of one name it is.
            try first.revocationList(end: "20200601000000Z"),
        ]
        let table: [([Int], Int64)] = [
            ([0], 1_609_459_200), ([0, 1], 1_672_531_200), ([1, 0], 1_672_531_200),
            ([0, 1, 2], 1_640_995_200), ([2, 0], 1_609_459_200), ([1, 3], 1_590_969_600),
        ]
        for (places, end) in table {
            let whole = try RevocationLists(places.flatMap { lists[$0] })
            #expect(whole.nextUpdate == end && whole.earliest?.nextUpdate == end)
            let files = try places.map { try RevocationLists(lists[$0]) }
            #expect(RevocationLists.nextUpdate(of: files) == end)
        }
        #expect(RevocationLists.nextUpdate(of: []) == .max)
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

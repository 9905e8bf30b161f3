import Config
import Platform
import TLS
import TestSupport
import Testing

@testable import Server

struct RevocationListReaderTests {
    private let folder: TemporaryFolder
    private let authority: ClientAuthority

    init() throws {
        folder = try TemporaryFolder()
        authority = try ClientAuthority()
    }

    private func write(_ bytes: [UInt8], _ name: String) throws -> FileReference {
        try folder.write(String(decoding: bytes, as: UTF8.self), to: name)
        return FileReference(path: folder.path(name), mark: SourceMark(line: 3, column: 5))
    }

    @Test("A file is read once, and what is wrong with it said once")
    func once() throws {
        let good = try write(authority.revocationList(), "good.crl")
        let bad = try write([], "bad.crl")
        let none = FileReference(path: folder.path("none.crl"))
        var reader = RevocationListReader(file: "m.yaml", now: WallTime.now())
        for peers in [RevocationListReader.Peers.clients, .servers] {
            #expect(reader.lists(of: good, for: peers) != nil)
            #expect(reader.lists(of: bad, for: peers) == nil)
            #expect(reader.lists(of: none, for: peers) == nil)
        }
        let found = reader.lists(of: good, for: .servers)
        let lists = try #require(found)
        #expect(reader.lists.isEmpty)
        reader.take([lists], of: [good])
        #expect(reader.lists[good.path] === lists && reader.lists.count == 1)
        // Where another one stands in, that counts which ends first.
        let early = try RevocationLists(
            try ClientAuthority().revocationList(end: "20210101000000Z"))
        reader.take([early], of: [good])
        reader.take([lists], of: [good])
        #expect(reader.lists[good.path] === early)
        let errors = reader.diagnostics.map { "\($0)" }
        #expect(errors.count == 2 && errors.allSatisfy { $0.contains(": error: ") })
        #expect(errors[0].hasPrefix("m.yaml:3:5: "))
        #expect(errors[1].contains("cannot read the revocation lists: "))
    }

    @Test("A list that is too old is a warning that says who is refused")
    func expired() throws {
        let old = try write(authority.revocationList(end: "20210101000000Z"), "old.crl")
        for (time, count) in [(1_609_459_199, 0), (1_609_459_200, 1), (1_609_459_201, 1)] {
            var reader = RevocationListReader(
                file: "m.yaml", now: WallTime(seconds: Int64(time)))
            #expect(reader.lists(of: old, for: .servers) != nil)
            #expect(reader.diagnostics.count == count)
            for diagnostic in reader.diagnostics {
                #expect(diagnostic.message.contains("has expired: servers of its authority"))
            }
        }
    }
}

import Foundation
import Telemetry
import TestSupport
import Testing

@testable import Certificates
@testable import TLS

@Suite struct StapleBookTests {
    private let world = ManualWorld()
    private let authority: OCSPAuthority
    private let credential: Credential
    private let url = "http://good.test/"

    init() throws {
        authority = try OCSPAuthority()
        credential = try authority.credential()
    }

    private func subject(
        _ credential: Credential? = nil, site: String = "a.test", url: String? = "http://good.test/"
    ) -> StapleSubject {
        StapleSubject(site: site, credential: credential ?? self.credential, url: url)
    }

    /// Lets the book do all that is due now.
    private func settle(_ book: inout StapleBook) -> Int64? {
        while true {
            let next = book.step().next
            if next.map({ $0 > world.now }) ?? true { return next }
        }
    }

    @Test("A certificate is asked about at once, then in the middle of its staple's validity")
    func refresh() throws {
        var book = world.book()
        world.answer(url, .success(try authority.answer(credential)))
        book.keep([subject()])
        #expect(world.expiry() == 0)
        #expect(world.refreshes("success") == nil)
        let due = try #require(settle(&book))
        let staple = try #require(credential.staple.staple)
        #expect(world.asked == [url])
        #expect(due == (staple.thisUpdate + staple.nextUpdate) / 2)
        #expect(world.expiry() == staple.nextUpdate)
        world.now = due - 1
        #expect(settle(&book) == due)
        #expect(world.asked.count == 1)
        world.now = due
        _ = settle(&book)
        #expect(world.asked.count == 2)
        #expect(world.refreshes("success") == 2)
        #expect(world.refreshes("failure") == 0)
    }

    @Test(
        "A staple stays until its end while the responder fails, and is dropped then",
        arguments: [
            .failure(.unreachable("down")), .success([1, 2, 3]), .success([0x30, 3, 0x0a, 1, 3]),
        ] as [Result<[UInt8], OCSPError>])
    func outage(failure: Result<[UInt8], OCSPError>) throws {
        var book = world.book()
        world.answer(url, .success(try authority.answer(credential)))
        book.keep([subject()])
        let due = try #require(settle(&book))
        let staple = try #require(credential.staple.staple)
        world.answer(url, failure)
        world.now = due
        var pauses: [Int64] = []
        while pauses.count < 4, let next = settle(&book) {
            pauses.append(next - world.now)
            world.now = next
        }
        // Half a pause of chance takes an eighth off.
        #expect(pauses == [9, 18, 35, 70])
        #expect(credential.staple.staple === staple)
        #expect(world.expiry() == staple.nextUpdate)
        world.now = staple.nextUpdate
        _ = settle(&book)
        #expect(credential.staple.staple == nil)
        #expect(world.expiry() == 0)
        #expect(world.refreshes("failure") == 5)
        let record = try #require(world.registry.stapleRecords[credential.sha256Fingerprint])
        #expect(record.trouble != nil && !record.isRevoked)
    }

    /// A machine that starts with a clock of next week asks in vain, and is then put right.
    @Test("A clock that is set back does not put off what has failed")
    func clockSetBack() throws {
        var book = world.book()
        world.answer(url, .success(try authority.answer(credential)))
        let right = world.now
        world.now = right + 10 * 86_400
        book.keep([subject()])
        for _ in 0..<3 { world.now = try #require(settle(&book)) }
        #expect(credential.staple.staple == nil)
        let asked = world.asked.count
        world.now = right
        _ = settle(&book)
        #expect(world.asked.count == asked + 1)
        #expect(credential.staple.staple != nil)
    }

    @Test("A revoked certificate loses its staple at once, and its file")
    func revoked() throws {
        let folder = try TestSupport.TemporaryFolder()
        var book = world.book(in: folder.path)
        world.answer(url, .success(try authority.answer(credential)))
        book.keep([subject()])
        world.now = try #require(settle(&book))
        let files = FileManager.default
        #expect(try files.contentsOfDirectory(atPath: folder.path("ocsp")).count == 1)
        world.answer(url, .success(try authority.answer(credential, .revoked)))
        _ = settle(&book)
        #expect(credential.staple.staple == nil)
        #expect(try files.contentsOfDirectory(atPath: folder.path("ocsp")).isEmpty)
        #expect(world.refreshes("revoked") == 1)
        #expect(world.expiry() == 0)
        let record = try #require(world.registry.stapleRecords[credential.sha256Fingerprint])
        #expect(record.isRevoked && record.trouble?.isRevocation == true)
    }

    /// A stale cache, or whoever repeats what was true once, made a revoked certificate a good one.
    @Test("A response from before the revocation does not undo it")
    func goodFromBefore() throws {
        var book = world.book()
        let old = try authority.answer(credential, minutes: 600)
        world.answer(url, .success(try authority.answer(credential, .revoked)))
        book.keep([subject()])
        world.now = try #require(settle(&book))
        #expect(world.refreshes("revoked") == 1)
        world.answer(url, .success(try authority.moved(old, by: -3_600)))
        world.now = try #require(settle(&book))
        #expect(credential.staple.staple == nil)
        let record = try #require(world.registry.stapleRecords[credential.sha256Fingerprint])
        #expect(record.isRevoked)
    }

    @Test("An older response than the one at hand does not take its place")
    func older() throws {
        var book = world.book()
        world.answer(url, .success(try authority.answer(credential, minutes: 120)))
        book.keep([subject()])
        world.now = try #require(settle(&book))
        let staple = try #require(credential.staple.staple)
        // It expires while the other is still good, and has not expired yet.
        world.now = Int64(Date().timeIntervalSince1970)
        var again = world.book()
        world.answer(url, .success(try authority.answer(credential, minutes: 60)))
        again.obtain([subject()])
        world.now = staple.thisUpdate + 3_600 - 60
        again.keep([])
        again.keep([subject()])
        _ = settle(&again)
        #expect(credential.staple.staple === staple)
    }

    @Test(
        "A responder that hangs is asked for one of its certificates, and others do not wait"
    )
    func slowResponder() throws {
        var book = world.book()
        let slow = try (0..<5).map { try authority.credential("slow\($0).test") }
        book.keep(slow.map { subject($0, site: "slow.test", url: "http://slow.test/") })
        world.delay = 5
        _ = book.step()
        #expect(world.asked == ["http://slow.test/"])
        let begun = world.now
        let next = try #require(book.step().next)
        #expect(world.asked.count == 1)
        // Of the five, the one that was asked about is the one that finds out.
        #expect(next - begun == 9)
        world.delay = 0
        world.answer(url, .success(try authority.answer(credential)))
        book.keep(
            slow.map { subject($0, site: "slow.test", url: "http://slow.test/") } + [subject()])
        _ = settle(&book)
        #expect(world.asked == ["http://slow.test/", url])
        #expect(credential.staple.staple != nil)
    }

    @Test("One certificate that its responder fails on does not hold up those beside it")
    func fastFailure() throws {
        var book = world.book()
        let others = try (0..<5).map { try authority.credential("b\($0).test") }
        book.keep(others.map { subject($0) })
        _ = settle(&book)
        #expect(world.asked.count == 5)
    }

    @Test("What is kept is what remains; a certificate that stays keeps its times")
    func keep() throws {
        let folder = try TestSupport.TemporaryFolder()
        var book = world.book(in: folder.path)
        world.answer(url, .success(try authority.answer(credential)))
        book.keep([subject(), subject(site: "b.test")])
        let due = settle(&book)
        book.keep([subject()])
        #expect(settle(&book) == due)
        #expect(world.asked.count == 1)
        #expect(world.expiry(site: "b.test") == nil)
        let files = FileManager.default
        let kept = try files.contentsOfDirectory(atPath: folder.path("ocsp"))
        #expect(kept == ["\(credential.sha256Fingerprint).der"])
        let mode = try files.attributesOfItem(atPath: folder.path("ocsp/\(kept[0])"))
        #expect(mode[.posixPermissions] as? Int == 0o600)
        book.keep([])
        #expect(try files.contentsOfDirectory(atPath: folder.path("ocsp")).isEmpty)
        #expect(world.expiry() == nil)
        #expect(book.step().next == nil)
    }

    @Test("A staple that is at hand already is replaced in its middle, not at once")
    func atHand() throws {
        var first = world.book()
        world.answer(url, .success(try authority.answer(credential)))
        first.keep([subject()])
        let due = settle(&first)
        var second = world.book()
        second.keep([subject()])
        #expect(settle(&second) == due)
        #expect(world.asked.count == 1)
    }

    @Test("The staple of a file is watched for its end only, and nobody is asked")
    func fromFile() throws {
        var book = world.book()
        guard
            case .good(let staple) = try credential.judge(
                ocspResponse: try authority.answer(credential), now: world.now)
        else { return }
        credential.staple.replace(staple)
        book.keep([subject(url: nil)])
        #expect(settle(&book) == nil)
        #expect(world.expiry() == staple.nextUpdate)
        world.now = staple.nextUpdate
        #expect(settle(&book) == nil)
        #expect(credential.staple.staple == nil)
        #expect(world.asked.isEmpty)
    }

    @Test("What waits for its staple is asked about until it comes, and that is told once")
    func awaited() throws {
        var book = world.book()
        book.obtain([subject()])
        #expect(world.asked.count == 1)
        let retry = try #require(book.step().next)
        world.answer(url, .success(try authority.answer(credential)))
        world.now = retry
        #expect(book.step().hasArrived)
        world.now = try #require(book.step().next)
        #expect(!book.step().hasArrived)
        #expect(world.asked.count == 3)
    }

    @Test("A certificate in two files is asked about once, and both are stapled")
    func twice() throws {
        let pair = try authority.issue("a.test")
        let both = try (0..<2).map { _ in
            try Credential(chainPEM: pair.certificate, keyPEM: pair.key)
        }
        var book = world.book()
        world.answer(url, .success(try authority.answer(both[0])))
        book.keep([subject(both[0]), subject(both[1], site: "b.test")])
        _ = settle(&book)
        #expect(world.asked.count == 1)
        #expect(both[0].staple.staple != nil && both[1].staple.staple != nil)
        #expect(world.expiry(site: "b.test") == both[0].staple.staple?.nextUpdate)
    }
}
